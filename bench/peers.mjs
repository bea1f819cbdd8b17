/**
 * Figures of the Python peers, each measured by its script in peers/ with the interpreter that PEERS_PYTHON names
 * (default: python3). PEERS_TIMEOUT is how many seconds each may take (default: 120).
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const python = process.env.PEERS_PYTHON || 'python3';
const NOT_INSTALLED = 3;

const peer = (title, script, ...args) => ({ title, script, args, version: null, missing: null, found: {} });

export const pytorch = peer('PyTorch', 'pytorch.py');
export const peers = [
  pytorch,
  peer('torch.compile', 'pytorch.py', '--compile'),
  peer('TensorFlow', 'tf_function.py'),
  peer('JAX', 'jax_jit.py'),
  peer('CasADi', 'casadi_sx.py'),
];

/**
 * A peer's figures by name, `{ run, check, compile_ms }` or `{ missing: reason }`; each is measured once. All are
 * missing where the peer is.
 */
export function figuresOf(peer, names) {
  const wanted = names.filter((name) => !(name in peer.found));
  if (wanted.length > 0) ask(peer, wanted);
  return peer.found;
}

/** A column's head. */
export const headOf = ({ title, version, missing }) =>
  missing ? `${title}: ${missing}` : `${title} ${version ?? ''}`;

function ask(peer, names) {
  if (peer.missing === null) {
    const answer = run(peer, names);
    peer.missing = answer.missing ?? null;
    peer.version = answer.version ?? null;
    Object.assign(peer.found, answer.figures);
  }
  for (const name of names) peer.found[name] ??= { missing: peer.missing ?? 'not measured' };
}

function run({ script, args }, names) {
  const path = fileURLToPath(new URL(`./peers/${script}`, import.meta.url));
  const { status, stdout, stderr, error } = spawnSync(python, [path, ...args, ...names], {
    encoding: 'utf8',
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  });
  if (error || status === NOT_INSTALLED) return { missing: 'not installed' };
  if (status !== 0) return { missing: stderr.trim().split('\n').at(-1) };
  const { version, figures } = JSON.parse(stdout.trim().split('\n').at(-1));
  return { version, figures };
}
