import type { Random } from './random.ts';

const names = ['x', 'w', 'y', 'a', 'b', 'n', '__proto__', 'constructor'];
const operators = [
  '+',
  '-',
  '*',
  '/',
  '//',
  '%',
  '**',
  '@',
  '<',
  '<=',
  '==',
  '!=',
  '>',
  '&',
  '|',
  '^',
  ' and ',
  ' or ',
  ' is ',
  ' in ',
];
const tokens = [
  ...operators,
  ...'()[]{}:,.=~;\\@#\'"`$?!'.split(''),
  ...[
    'not ',
    '\n',
    '\t',
    '  ',
    '...',
    'None',
    'True',
    'False',
    'lambda ',
    ' if ',
    ' else ',
    ' for ',
    'await ',
    'yield ',
  ],
  ...[
    'import ',
    '__import__',
    '__class__',
    'eval',
    'exec',
    'open',
    'globals',
    '->',
    ':=',
    'f"{x}"',
    'b"x"',
    "r'x'",
    '"""',
  ],
  ...[
    'torch.',
    'F.',
    'math.',
    'torch.nn.functional.',
    'torch.linalg.',
    'torch.special.',
    'torch.pi',
    'math.e',
    'torch.float64',
  ],
  ...[
    '1',
    '0',
    '2.5',
    '1e999',
    '1e-999',
    '0x1f',
    '0b2',
    '1_000',
    '1__0',
    '3j',
    '.5',
    '5.',
    '00',
    '9'.repeat(400),
  ],
  ...[
    'dim=',
    'keepdim=True',
    'dtype=',
    '*x',
    '**x',
    '.T',
    '.mT',
    '.shape',
    '.values',
    '.grad',
    '.data',
    '.item()',
    '.sum()',
  ],
  ...['float("inf")', 'len(', 'abs(', 'int(', 'é', '\u0000', '\ufeff', 'ｘ', '\u{1f600}', '\ud800'],
  ...names,
];

/** Tokens in no order. */
export const soup = (random: Random): string => random.times(20, () => random.pick(tokens)).join('');

const constant = (random: Random): string =>
  random.pick([
    '0',
    '1',
    '2',
    '-1',
    '0.5',
    '1e308',
    'True',
    'None',
    'math.pi',
    'float("inf")',
    '10**10',
    '2**70',
  ]);

const keywords = ['dim', 'keepdim', 'dtype', 'alpha', 'other', 'p', 'size', 'reduction', 'correction', 'n'];
const slices = ['0', '-1', '1', ':', '::2', '1:', ':-1', '...', 'None', 'True', '::-1', '5', '::0'];
const parts = ['.T', '.mT', '.shape', '.values', '[0]', '.indices', '.dtype', '.ndim'];
const chains = ['x', '(x)', 'x+', '-', 'not ', 'f(', '[', 'x**', 'x if y else '];

/** Python by its grammar, that means something now and then. */
export class Grammar {
  private readonly ops: readonly string[];

  /** @param ops the names that are called */
  constructor(ops: readonly string[]) {
    this.ops = ops;
  }

  expression(random: Random, depth = 3): string {
    const inner = (): string => this.expression(random, depth - 1);
    if (depth <= 0) return random.chance(0.75) ? random.pick(names) : constant(random);
    return random.weighted(
      [4, () => `${inner()} ${random.pick(operators)} ${inner()}`],
      [3, () => this.call(random, inner)],
      [2, () => `(${inner()})`],
      [2, () => `(${inner()}).${random.pick(this.ops).replace(/^.*\./, '')}(${this.args(random, inner)})`],
      [1.5, () => `${inner()}[${this.index(random, inner)}]`],
      [1, () => `${random.pick(['-', '+', '~', 'not '])}${inner()}`],
      [1, () => `${inner()}${random.pick(parts)}`],
      [1, () => `[${random.times(3, inner).join(', ')}]`],
      [0.5, () => `(${random.times(3, inner).join(', ')},)`],
      [0.5, () => random.pick(chains).repeat(random.between(2, 300))],
      [0.2, () => `"${random.pick(['ij,jk->ik', 'mean', 'ii', '...', 'a'.repeat(100)])}"`],
    );
  }

  private call(random: Random, inner: () => string): string {
    const name = random.pick(this.ops).replace(/^nn\.functional\./, '');
    return `${random.pick(['torch.', '', 'F.', 'torch.'])}${name}(${this.args(random, inner)})`;
  }

  private args(random: Random, inner: () => string): string {
    const value = (): string =>
      random.weighted(
        [3, () => constant(random)],
        [1, inner],
        [1, () => random.pick(['torch.float32', 'torch.int64', '"sum"', '[0, 1]', '(0,)', 'torch.bool'])],
      );
    const keyword = (): string => `${random.pick(keywords)}=${value()}`;
    return [...random.times(3, inner), ...(random.chance(0.3) ? random.times(2, keyword) : [])].join(', ');
  }

  private index(random: Random, inner: () => string): string {
    const part = (): string =>
      random.weighted([2, () => random.pick(slices)], [1, inner], [0.5, () => `${inner()}:${inner()}`]);
    return [part(), ...random.times(2, part)].join(', ');
  }

  /** An expression with characters or tokens changed. */
  altered(random: Random, text: string): string {
    const times = random.between(1, 3);
    for (let i = 0; i < times; i++) {
      const at = random.below(text.length + 1);
      const end = Math.min(text.length, at + random.between(1, 6));
      const [before, part, after] = [text.slice(0, at), text.slice(at, end), text.slice(end)];
      text = random.weighted(
        [3, () => before + random.pick(tokens) + part + after],
        [3, () => before + after],
        [2, () => before + random.pick(tokens) + after],
        [1, () => before + part.repeat(random.between(2, 40)) + after],
        [1, () => before + this.expression(random, 2) + after],
        [0.5, () => `${text}\n${text}`],
      );
    }
    return text;
  }
}
