#!/usr/bin/env node
/** The command line: programs and expressions without a service. */
import { readFileSync } from 'node:fs';
import { readConfig } from './config.ts';
import { GraddError } from './engine/index.ts';
import { budgetOf } from './jobs/budget.ts';
import { answerEvaluate } from './jobs/evaluate.ts';
import { Evaluator } from './jobs/evaluator.ts';
import { execute } from './jobs/program.ts';
import { problemOf } from './problems.ts';

const USAGE = `Usage:
  gradd run script.py [--json]                  runs a program and prints what it prints
  gradd eval '(x + w) * (w + 1)' w=1 x=2 [--json]
                                                evaluates an expression and its gradients
  script.py may be - for the standard input. --json prints the answer of POST /v1/evaluate.
`;

const evaluator = new Evaluator(budgetOf(readConfig(process.env)));

function enter(): void {
  evaluator.enter({
    budget: evaluator.budget,
    start: performance.now(),
    allowance: Number.POSITIVE_INFINITY,
  });
}

/** The answer as the service would give it. */
function answered(body: unknown): string {
  enter();
  return answerEvaluate(evaluator, body).text;
}

/** What Python prints of an exception that nothing caught. */
function traceback(error: GraddError, file: string): string {
  const [fault] = error.faults;
  const where = fault?.line === undefined ? '' : `  File "${file}", line ${fault.line}\n`;
  const type = error.code === 'syntax-error' ? 'SyntaxError' : error.exception;
  const named = error.code === 'program-error' || type === undefined ? '' : `${type}: `;
  const hint = error.hint === undefined ? '' : `${error.hint}\n`;
  return `${where}${named}${error.message}\n${hint}`;
}

function runScript(file: string, asJson: boolean): number {
  const program = readFileSync(file === '-' ? 0 : file, 'utf8');
  if (asJson) {
    process.stdout.write(`${answered({ program })}\n`);
    return 0;
  }
  enter();
  evaluator.begin('float32');
  const { finished } = execute(evaluator, { body: {}, text: program, leaves: new Map() });
  process.stdout.write(finished.stdout);
  if (finished.error === null) return 0;
  process.stderr.write(traceback(finished.error, file));
  return 1;
}

/** `w=1`, `x=[1,2]`. */
function leafOf(text: string): [string, unknown] {
  const at = text.indexOf('=');
  if (at < 1) throw new GraddError('invalid-request', `${text} is no leaf: write name=value`);
  const value = text.slice(at + 1);
  try {
    return [text.slice(0, at), JSON.parse(value)];
  } catch {
    throw new GraddError('invalid-request', `${value} is no JSON: write ${text.slice(0, at)}=[1,2]`);
  }
}

function evaluateText(expression: string, given: readonly string[], asJson: boolean): number {
  const text = answered({ expression, leaves: Object.fromEntries(given.map(leafOf)) });
  if (asJson) {
    process.stdout.write(`${text}\n`);
    return 0;
  }
  const { value, gradients } = JSON.parse(text) as { value: unknown; gradients?: Record<string, unknown> };
  process.stdout.write(`${JSON.stringify(value)}\n`);
  for (const [name, gradient] of Object.entries(gradients ?? {}))
    process.stdout.write(`${name}.grad ${JSON.stringify(gradient)}\n`);
  return 0;
}

function main(args: readonly string[]): number {
  const asJson = args.includes('--json');
  const [command, subject, ...rest] = args.filter((arg) => arg !== '--json');
  if (command === 'run' && subject !== undefined && rest.length === 0) return runScript(subject, asJson);
  if (command === 'eval' && subject !== undefined) return evaluateText(subject, rest, asJson);
  process.stderr.write(USAGE);
  return 2;
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  if (error instanceof GraddError) {
    const asJson = process.argv.includes('--json');
    process.stderr.write(
      asJson ? `${JSON.stringify(problemOf(error, 'cli'))}\n` : traceback(error, process.argv[3] ?? ''),
    );
  } else process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
