import { nextVisit } from '../autograd/graph.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { eachTensor, type SessionNode, savedBy } from './graph.ts';
import type { SessionRuntime } from './runtime.ts';
import type { Variable } from './variable.ts';
import { innerOf } from './views.ts';
import type { ReverseWalk } from './walk.ts';

/** Finds what is still in use: from the variables of the program through their graphs to the tensors saved there. */
export class Collector {
  private readonly rt: SessionRuntime;
  private readonly walks: readonly ReverseWalk[];

  constructor(rt: SessionRuntime, walks: readonly ReverseWalk[]) {
    this.rt = rt;
    this.walks = walks;
  }

  collect(roots: Iterable<Variable>, ofHook: (hook: unknown) => Iterable<Variable>): void {
    const { memory } = this.rt;
    memory.beginCollection();
    const visit = nextVisit();
    const nodes: SessionNode[] = [];
    const seen = new Set<Variable>();
    const variables: Variable[] = [];
    const addNode = (node: SessionNode | null): void => {
      if (node === null || node.visit === visit) return;
      node.visit = visit;
      nodes.push(node);
    };
    const addVariable = (variable: Variable | null | undefined): void => {
      if (!variable || seen.has(variable)) return;
      seen.add(variable);
      variables.push(variable);
    };
    const addTensor = (t: Tensor): void => {
      memory.reach(t);
      addNode(t.node as SessionNode | null);
    };
    const addHook = (hook: unknown): void => {
      for (const variable of ofHook(hook)) addVariable(variable);
    };
    const follow = (node: SessionNode): void => {
      const inner = innerOf(node);
      if (!node.released) {
        const saving = inner ?? node;
        for (const name of savedBy(saving.op)) eachTensor(saving[name], memory.reached);
      }
      for (const { name } of node.op.edges)
        eachTensor(node[name], (t) => {
          addNode(t.node as SessionNode | null);
        });
      for (const name of savedBy((inner ?? node).op))
        eachTensor((inner ?? node)[name], (t) => {
          if (t.node !== null && !node.released) addNode(t.node as SessionNode);
        });
      addVariable(node.variable);
      for (const variable of node.retained ?? []) addVariable(variable);
      for (const { call } of node.hooks ?? []) addHook(call);
      for (const hook of node.postHooks ?? []) addHook(hook);
      for (const { call } of node.around?.before ?? []) addHook(call);
      for (const { call } of node.around?.after ?? []) addHook(call);
      if (node.holds !== undefined) addHook(node.holds);
    };
    for (const variable of roots) addVariable(variable);
    for (const t of this.rt.wrapped.values()) memory.reach(t);
    for (const walk of this.walks) walk.each(addTensor, addNode);
    while (variables.length > 0 || nodes.length > 0) {
      for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) follow(node);
      const variable = variables.pop();
      if (variable === undefined) continue;
      addTensor(variable.held);
      addVariable(variable.base);
      addVariable(variable.grad);
    }
    this.rt.account(memory.endCollection());
  }
}
