import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  type DType,
  defaultPrintOptions,
  dtypeText,
  exponential,
  fixed,
  floatRepr,
  GraddError,
  general,
  isFloat,
  type Printable,
  type PrintOptions,
  printProfiles,
  type Scalar,
  scalarRepr,
  sizeText,
  tensorText,
} from '../../../src/engine/index.ts';

interface RecordedTensor {
  dtype: DType;
  shape: number[];
  values: (string | boolean)[] | 'ramp';
  default: DType;
  options: Partial<Omit<PrintOptions, 'sciMode'>> & {
    profile?: keyof typeof printProfiles;
    sci_mode?: boolean;
  };
  grad_fn: string | null;
  requires_grad: boolean;
  parameter: boolean;
  text: string;
}

type RecordedNumber = { value: string; repr: string } & Record<string, string>;

const recorded = JSON.parse(
  // `Infinity` is how Python's json writes a threshold without end.
  readFileSync(new URL('recorded.json', import.meta.url), 'utf8').replaceAll(
    '"threshold": Infinity',
    '"threshold": 1e999',
  ),
) as { tensors: RecordedTensor[]; numbers: RecordedNumber[] };

const floatOf = (text: string): number => Number(text.replace('inf', 'Infinity').replace('nan', 'NaN'));

function scalarOf(dtype: DType, text: string | boolean): Scalar {
  if (typeof text === 'boolean') return text;
  return isFloat(dtype) ? floatOf(text) : BigInt(text);
}

function ramp(dtype: DType, index: number): Scalar {
  if (dtype === 'bool') return index % 3 === 0;
  const value = (index % 1009) - 500;
  return isFloat(dtype) ? value : BigInt(value);
}

function printable(row: RecordedTensor, seen: (index: number) => void = () => {}): Printable {
  const { dtype, shape, values } = row;
  return {
    dtype,
    shape,
    read: (index) => {
      seen(index);
      return values === 'ramp' ? ramp(dtype, index) : scalarOf(dtype, values[index] as string | boolean);
    },
    defaultDType: row.default,
    gradFn: row.grad_fn,
    requiresGrad: row.requires_grad,
    parameter: row.parameter,
  };
}

function optionsOf({ profile, sci_mode: sciMode, ...others }: RecordedTensor['options']): PrintOptions {
  return {
    ...defaultPrintOptions,
    ...printProfiles[profile ?? 'default'],
    ...others,
    sciMode: sciMode ?? null,
  };
}

const ones = (shape: number[]): Printable => ({
  dtype: 'float32',
  shape,
  read: () => 1,
  defaultDType: 'float32',
  gradFn: null,
  requiresGrad: false,
});

describe('tensors print as PyTorch prints them', () => {
  test('there are enough of them', () => expect(recorded.tensors.length).toBeGreaterThan(700));

  for (const [index, row] of recorded.tensors.entries()) {
    test(`${index}: ${row.dtype} [${row.shape}] ${JSON.stringify(row.options)}`, () => {
      expect(tensorText(printable(row), optionsOf(row.options))).toBe(row.text);
    });
  }
});

describe('numbers print as CPython prints them', () => {
  const writers = { f: fixed, e: exponential, g: general };

  for (const { value, repr, ...texts } of recorded.numbers) {
    test(value, () => {
      const x = floatOf(value);
      expect(floatRepr(x)).toBe(repr);
      expect(scalarRepr(x)).toBe(repr);
      for (const [format, text] of Object.entries(texts)) {
        const kind = format.at(-1) as keyof typeof writers;
        expect(`${format} ${writers[kind](x, Number(format.slice(0, -1)))}`).toBe(`${format} ${text}`);
      }
    });
  }

  test('ints and bools', () => {
    expect([2n ** 63n - 1n, -5n, true, false].map(scalarRepr)).toEqual([
      '9223372036854775807',
      '-5',
      'True',
      'False',
    ]);
  });
});

test('sizes and dtypes', () => {
  expect([sizeText([2, 3]), sizeText([4]), sizeText([])]).toEqual([
    'torch.Size([2, 3])',
    'torch.Size([4])',
    'torch.Size([])',
  ]);
  expect(dtypeText('float32')).toBe('torch.float32');
});

describe('what a text may cost', () => {
  test('of a summarized tensor only what is shown is read', () => {
    const seen = new Set<number>();
    const row = { ...(recorded.tensors[0] as RecordedTensor), shape: [1000, 1000], values: 'ramp' as const };
    tensorText(printable(row, (index) => seen.add(index)));
    expect(seen.size).toBe(36);
    expect(Math.max(...seen)).toBe(999_999);
  });

  const limited = (shape: number[], options: Partial<PrintOptions>, limit?: number) => () =>
    tensorText(ones(shape), { ...defaultPrintOptions, ...options }, limit);

  test.each([
    ['a tensor that is not summarized', limited([2 ** 24], { threshold: Number.POSITIVE_INFINITY })],
    ['a summary of many dimensions', limited(new Array(24).fill(2), {})],
    ['digits', limited([1000], { precision: 2 ** 40, sciMode: true })],
    ['indents', limited([1, 1, 1, 1, 1, 1, 1, 1, 100], { linewidth: 1 }, 1000)],
  ])('%s', (_, print) => {
    expect(print).toThrow(GraddError);
    expect(print).toThrow(/^the text of a tensor has more than \d+ characters, of at most \d+$/);
  });

  test('up to the limit it is written', () => {
    const text = limited([100], {}, 10_000)();
    expect(limited([100], {}, text.length)()).toBe(text);
    expect(limited([100], {}, text.length - 20)).toThrow(GraddError);
  });
});
