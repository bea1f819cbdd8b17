import type { Config } from '../config.ts';

const names = [
  'MAX_NODES',
  'MAX_ELEMENTS',
  'MAX_TOTAL_ELEMENTS',
  'MAX_FLOPS',
  'MAX_MEMORY_BYTES',
  'MAX_RESPONSE_BYTES',
  'MAX_DEPTH',
  'MAX_EXPRESSION_LENGTH',
  'MAX_STEPS',
  'MAX_PROGRAM_BYTES',
  'MAX_OUTPUT_BYTES',
  'TIMEOUT_MS',
] as const;

/** What one request may cost, under the names of the settings. */
export type Budget = Pick<Config, (typeof names)[number]>;

/** The budget that the service gives a request. */
export const budgetOf = (config: Config): Budget =>
  Object.fromEntries(names.map((name) => [name, config[name]])) as Budget;

/** The budget with the limits that hold for one client in place of the service's. */
export function budgetWith(budget: Budget, limits: Partial<Record<string, number>>): Budget {
  const own = Object.entries(limits).filter(([name]) => name in budget);
  return own.length === 0 ? budget : { ...budget, ...Object.fromEntries(own) };
}
