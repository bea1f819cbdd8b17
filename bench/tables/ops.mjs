import { attempt, fixed, printTable } from '../measure.mjs';
import { opCases, opTime } from '../ops.mjs';
import { figuresOf, headOf, pytorch } from '../peers.mjs';

/** Single operations beside PyTorch's. */
export function opsTable() {
  const names = Object.keys(opCases);
  const theirs = figuresOf(pytorch, names);
  const rows = names.map((name) => {
    const [dynamic, compiled] = ['dynamic', 'static'].map((mode) => attempt(() => opTime(name, mode)));
    const peer = theirs[name].run === undefined ? undefined : theirs[name].run / 1e6;
    const ratio = peer === undefined || dynamic.missing ? '' : fixed(dynamic / peer, 2);
    return [opCases[name].title, cell(dynamic), cell(compiled), fixed(peer, 2), ratio];
  });
  printTable([['operations, ms', 'gradd', 'gradd static', headOf(pytorch), 'gradd / PyTorch'], ...rows]);
}

const cell = (time) => (time.missing ? time.missing : fixed(time, 2));
