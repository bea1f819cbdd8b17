import { expect } from 'vitest';
import type { Answer, Service } from './service.ts';

/** y = (x + w) * (w + 1) */
export const textbook = {
  nodes: [
    { name: 'a', op: 'add', inputs: ['x', 'w'] },
    { name: 'b', op: 'add', inputs: ['w', 1] },
    { name: 'y', op: 'mul', inputs: ['a', 'b'] },
  ],
  outputs: ['y'],
};

export const scalar = { shape: [] as (number | string)[] };
export const scalars = { w: scalar, x: scalar };

export const node = (name: string, op: string, ...inputs: unknown[]) => ({ name, op, inputs });

/** Registers a graph; its path. */
export async function register(service: Service, body: object): Promise<string> {
  const { status, json, text } = await service.post('/v1/graphs', body);
  expect([200, 201], text).toContain(status);
  return `/v1/graphs/${json.id}`;
}

/** The JSON of an answer that must be 200. */
export function ok({ status, json, text }: Answer) {
  expect(status, text).toBe(200);
  return json;
}

export const pointersOf = ({ json }: Answer): string[] =>
  (json.errors ?? []).map(({ pointer }: { pointer: string }) => pointer);

/** Code and pointer of the first fault. */
export const complaint = (answer: Answer) => [answer.status, answer.json.code, pointersOf(answer)[0]];
