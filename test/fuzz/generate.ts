import fc from 'fast-check';
import type { Api, Schema } from './document.ts';
import { type Grammar, soup } from './expression.ts';
import type { Random } from './random.ts';
import { anything, names, put, someNumber, someText } from './values.ts';

/** Texts of a pattern that are drawn once and then picked from. */
const POOL = 64;
const poolNames = [...names, 's.0', 's.values', '_', 'Z9'];

/** How a value is drawn. */
interface Terms {
  /** How often a part is not as its schema says. */
  violation: number;
  depth: number;
}

/** Random values of the schemas of an API, and of what they forbid. */
export class Generator {
  private readonly api: Api;
  private readonly grammar: Grammar;
  private readonly pools = new Map<string, string[]>();
  /** Schemas that say less than is needed to hit something now and then, by the names of the document. */
  private readonly hints: Record<string, (random: Random, terms: Terms) => unknown> = {
    Argument: (random, terms) => this.argument(random, terms),
    NestedData: (random) => this.data(random),
    Name: (random) => random.pick(names),
    expression: (random) =>
      random.chance(0.7) ? this.grammar.expression(random, random.between(1, 3)) : soup(random),
    timeout_ms: (random) => random.pick([1, 5, 100, 1000, 86_400_000]),
  };

  constructor(api: Api, grammar: Grammar) {
    this.api = api;
    this.grammar = grammar;
  }

  /** A value of a schema; `violation` is how often a part is not. */
  value(random: Random, schema: Schema, terms: Terms): unknown {
    const { violation, depth } = terms;
    if (random.chance(violation)) return this.wrong(random, schema);
    const hint = this.hints[schema.$ref?.replace(/^.*\//, '') ?? ''];
    if (hint && random.chance(0.9)) return hint(random, terms);
    const found = this.api.resolve(schema);
    const choices = found.oneOf ?? found.anyOf;
    if (found.properties === undefined && choices !== undefined) {
      const simple = depth > 0 ? choices : choices.filter((each) => !this.isDeep(each));
      return this.value(random, random.pick(simple.length > 0 ? simple : choices), {
        violation,
        depth: depth - 1,
      });
    }
    if (found.const !== undefined) return found.const;
    if (found.enum !== undefined) return random.pick(found.enum);
    const type = Array.isArray(found.type) ? random.pick(found.type) : found.type;
    if (type === 'object' || (type === undefined && found.properties))
      return this.object(random, found, terms);
    if (type === 'array') return this.array(random, found, terms);
    if (type === 'string') return this.text(random, found);
    if (type === 'integer' || type === 'number') return this.number(random, found, type === 'integer');
    if (type === 'boolean') return random.chance(0.5);
    if (type === 'null') return null;
    return anything(random, 2);
  }

  private isDeep(schema: Schema): boolean {
    const { type, $ref } = schema;
    if ($ref !== undefined && this.hints[$ref.replace(/^.*\//, '')]) return false;
    const found = type ?? this.api.resolve(schema).type;
    return found === undefined || found === 'array' || found === 'object';
  }

  /** Something that the schema does not allow, or not quite. */
  private wrong(random: Random, schema: Schema): unknown {
    const found = this.api.resolve(schema);
    const bound = found.maximum ?? found.minimum;
    if (bound !== undefined && random.chance(0.5))
      return random.pick([bound, bound + 1, bound - 1, bound + 0.5]);
    if (found.maxLength !== undefined && random.chance(0.5)) return 'x'.repeat(found.maxLength + 1);
    return anything(random, 2);
  }

  private object(random: Random, schema: Schema, { violation, depth }: Terms): object {
    const record = {};
    const inner = { violation, depth: depth - 1 };
    const required = new Set(schema.required);
    const one = schema.oneOf ?? schema.anyOf;
    const chosen = one && random.pick(one).required;
    const excluded = new Set(
      one?.flatMap((each) => each.required ?? []).filter((key) => !chosen?.includes(key)),
    );
    for (const key of chosen ?? []) required.add(key);
    for (const [key, property] of Object.entries(schema.properties ?? {})) {
      const wanted = required.has(key) ? !random.chance(violation) : random.chance(depth > 0 ? 0.35 : 0.1);
      if (!wanted || (excluded.has(key) && !random.chance(violation))) continue;
      const hint = this.hints[key];
      put(
        record,
        key,
        hint && !random.chance(violation) ? hint(random, inner) : this.value(random, property, inner),
      );
    }
    const { additionalProperties: more, propertyNames } = schema;
    if (typeof more === 'object') {
      for (const key of random.times(depth > 0 ? 4 : 1, () => this.key(random, propertyNames, inner)))
        put(record, key, this.value(random, more, inner));
    } else if (random.chance(violation)) put(record, someText(random), anything(random, 1));
    return record;
  }

  private key(random: Random, schema: Schema | undefined, terms: Terms): string {
    const key = schema === undefined ? undefined : this.value(random, schema, terms);
    return typeof key === 'string' ? key : someText(random);
  }

  private array(random: Random, schema: Schema, { violation, depth }: Terms): unknown[] {
    const inner = { violation, depth: depth - 1 };
    const wrong = random.chance(violation);
    const least = wrong ? 0 : (schema.minItems ?? 0);
    const most = Math.max(least, Math.min(wrong ? 70 : (schema.maxItems ?? 4), depth > 0 ? 4 : 1));
    const { items, prefixItems } = schema;
    if (prefixItems) return prefixItems.map((each) => this.value(random, each, inner));
    return Array.from({ length: random.between(least, most) }, () =>
      typeof items === 'object' ? this.value(random, items, inner) : anything(random, 1),
    );
  }

  private text(
    random: Random,
    { pattern, minLength = 0, maxLength = Number.POSITIVE_INFINITY }: Schema,
  ): string {
    if (pattern !== undefined) return random.pick(this.poolOf(pattern));
    const text = someText(random);
    return text.length < minLength
      ? text.padEnd(minLength, 'x')
      : text.slice(0, Math.min(maxLength, text.length));
  }

  private poolOf(pattern: string): string[] {
    const known = this.pools.get(pattern);
    if (known) return known;
    const form = new RegExp(pattern);
    const drawn = fc.sample(fc.stringMatching(form), { seed: 1, numRuns: POOL });
    // Names that appear elsewhere too make bodies that mean something.
    const familiar = poolNames.filter((name) => form.test(name));
    const pool = [...familiar, ...familiar, ...familiar, ...drawn];
    this.pools.set(pattern, pool);
    return pool;
  }

  private number(random: Random, schema: Schema, whole: boolean): number {
    const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
    const least =
      minimum ?? exclusiveMinimum ?? (maximum === undefined ? Number.NEGATIVE_INFINITY : maximum - 10);
    const most = maximum ?? exclusiveMaximum ?? Number.POSITIVE_INFINITY;
    const value = Math.min(most, Math.max(least, someNumber(random)));
    return whole ? Math.trunc(value) : value;
  }

  /** An argument of a node: the document cannot say which operation takes what. */
  private argument(random: Random, terms: Terms): unknown {
    const inner = { ...terms, depth: terms.depth - 1 };
    const deep = terms.depth > 0 ? 1 : 0;
    return random.weighted<unknown>(
      [6, () => random.pick(names)],
      [4, () => random.between(-2, 4)],
      [1, () => someNumber(random)],
      [1, () => random.pick([null, true, false])],
      [2 * deep, () => random.times(4, () => this.argument(random, inner))],
      [0.5, () => ({ value: random.pick(['mean', 'ij,jk', 'float32', 'Infinity', someText(random)]) })],
      [0.5, () => ({ ref: random.pick(names) })],
      [0.3, () => ({ float: someNumber(random) })],
      [0.5, () => ({ slice: random.times(4, () => random.pick([null, 0, 1, -1, 2, 'x'])) })],
      [0.2, () => ({ ellipsis: true })],
      [0.5 * deep, () => this.fn(random, inner)],
      [0.3, () => anything(random, 2)],
    );
  }

  private fn(random: Random, terms: Terms): unknown {
    const nodes = this.value(
      random,
      { type: 'array', items: { $ref: '#/components/schemas/Node' }, minItems: 1 },
      terms,
    );
    const inputs = random.times(3, () => random.pick(names));
    return { graph: { inputs, nodes, ...(random.chance(0.3) && { outputs: [random.pick(names)] }) } };
  }

  /** Numbers of a tensor: rectangular mostly, or bytes. */
  private data(random: Random): unknown {
    if (random.chance(0.05)) return Buffer.from(random.times(32, () => random.below(256))).toString('base64');
    const shape = random.times(3, () => random.between(0, 3));
    const ragged = random.chance(0.1);
    const number = random.chance(0.7) ? () => random.between(-2, 5) : () => someNumber(random);
    const build = (dim: number): unknown => {
      if (dim === shape.length)
        return random.chance(0.02) ? random.pick(['NaN', '-Infinity', true, null]) : number();
      const size = (shape[dim] as number) + (ragged ? random.below(2) : 0);
      return Array.from({ length: size }, () => build(dim + 1));
    };
    return build(0);
  }
}
