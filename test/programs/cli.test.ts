import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

function gradd(args: readonly string[], input = '') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { input, encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('a script prints, and its exception is told with the line', () => {
  const script =
    'import torch\nw = torch.tensor(1., requires_grad=True)\n(w * 3).backward()\nprint(w.grad)\nraise ValueError("no")\n';
  expect(gradd(['run', '-'], script)).toEqual({
    status: 1,
    stdout: 'tensor(3.)\n',
    stderr: '  File "-", line 5\nValueError: no\n',
  });
  expect(gradd(['run', '-'], 'x = (').stderr).toBe(
    '  File "-", line 1\nSyntaxError: \'(\' was never closed\n',
  );
  const { status, stdout } = gradd(['run', '-', '--json'], 'x = 1\nprint(x)');
  expect({ status, ...JSON.parse(stdout) }).toMatchObject({ status: 0, stdout: '1\n', value: null });
});

test('an expression with leaves gives its value and gradients', () => {
  const args = ['eval', '(x + w) * (w + 1)', 'w=1', 'x=2'];
  expect(gradd(args)).toEqual({ status: 0, stdout: '6\nw.grad 5\nx.grad 2\n', stderr: '' });
  expect(JSON.parse(gradd([...args, '--json']).stdout)).toMatchObject({
    value: 6,
    gradients: { w: 5, x: 2 },
  });
  expect(gradd(['eval', 'x +', 'x=1']).status).toBe(1);
  expect(gradd(['eval', 'x', 'x=[']).stderr).toContain('is no JSON');
  expect(gradd([]).status).toBe(2);
});
