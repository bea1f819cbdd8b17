import { GraddError, type Path } from '../errors.ts';
import type { BoundNode } from './nodes.ts';

/**
 * Kahn's algorithm, keeping the order of the spec where it can.
 *
 * @param path where the graph stands
 * @throws GraddError `cycle`, naming the nodes of one
 */
export function inOrder(nodes: readonly BoundNode[], uses: readonly number[][], path: Path): BoundNode[] {
  if (uses.every((list, i) => list.every((used) => used < i))) return [...nodes];
  const waiting = uses.map((list) => list.length);
  const users: number[][] = uses.map(() => []);
  uses.forEach((list, i) => {
    for (const used of list) (users[used] as number[]).push(i);
  });
  const order: BoundNode[] = [];
  const ready = waiting.flatMap((count, i) => (count === 0 ? [i] : []));
  for (let at = 0; at < ready.length; at++) {
    const i = ready[at] as number;
    order.push(nodes[i] as BoundNode);
    for (const user of users[i] as number[]) {
      waiting[user] = (waiting[user] as number) - 1;
      if (waiting[user] === 0) ready.push(user);
    }
  }
  if (order.length === nodes.length) return order;
  throw cycleError(nodes, uses, waiting, path);
}

function cycleError(
  nodes: readonly BoundNode[],
  uses: readonly number[][],
  waiting: readonly number[],
  path: Path,
): GraddError {
  const stuck = (i: number): boolean => (waiting[i] as number) > 0;
  const walk: number[] = [];
  const seen = new Map<number, number>();
  let at = waiting.findIndex((count) => count > 0);
  while (!seen.has(at)) {
    seen.set(at, walk.push(at) - 1);
    at = (uses[at] as number[]).find(stuck) as number;
  }
  const cycle = [...walk.slice(seen.get(at)), at].map((i) => (nodes[i] as BoundNode).name);
  const shown = cycle.length > 12 ? [...cycle.slice(0, 10), '…', cycle.at(-1)] : cycle;
  return new GraddError('cycle', `The nodes form a cycle: ${shown.join(' ← ')}`, {
    path: [...path, 'nodes', at, 'inputs'],
  });
}
