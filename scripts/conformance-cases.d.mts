export interface Case {
  id: string;
  op: string;
  tier: 1 | 2 | 3 | null;
  order: 0 | 1 | 2;
  gauge?: boolean;
  request: { leaves: Record<string, { dtype: string }>; encoding: string };
  expect: {
    outputs: Record<string, { dtype: string; shape: number[]; data: (number | string | boolean)[] }>;
    gradients?: Record<string, { shape: number[]; data: (number | string | boolean)[] } | null>;
    trace?: { roots: Record<string, number>; nodes: { name: string; variable?: string }[] };
  };
}

export function loadCases(): Case[];
export function valueFault(given: Case, json: unknown): string | null;
export function traceFault(given: Case, json: unknown): string | null;
