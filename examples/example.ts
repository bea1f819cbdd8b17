/** The running example in TypeScript with undici. Usage: node example.ts [http://127.0.0.1:8080] (Node 24, or tsc first) */
import { request } from 'undici';

interface Evaluation {
  value: number;
  gradients: Record<string, number | null>;
}

const base: string = process.argv[2] ?? 'http://127.0.0.1:8080';
const { body } = await request(`${base}/v1/evaluate`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ expression: '(x + w) * (w + 1)', leaves: { w: 1, x: 2 } }),
});
const { value, gradients } = (await body.json()) as Evaluation;
console.log(`y = ${value}`);
console.log(`dy/dw = ${gradients.w}`);
console.log(`dy/dx = ${gradients.x}`);
