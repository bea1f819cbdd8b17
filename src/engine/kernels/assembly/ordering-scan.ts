// Running extrema and log-sum-exps of [outer, n, inner] over n.
import { at, put, bytes } from './element';
import { exp1 } from './exp';
