import type { Value } from '../tensor/value.ts';
import { composite, type Op } from './define.ts';
import { attr, flag, type Param } from './params.ts';
import { z } from 'zod';
import { Value as ValueClass } from '../tensor/value.ts';

/** Differentiation as an operation. */
export const autogradOps = {} satisfies Record<string, Op>;
