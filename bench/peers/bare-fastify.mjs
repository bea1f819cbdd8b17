/** A bare fastify route: parses the body as fastify does by default and answers fixed bytes, given in ANSWER. */
import Fastify from 'fastify';

const answer = process.env.ANSWER ?? '{}';
const app = Fastify();
app.post('/v1/evaluate', (_request, reply) => {
  reply.header('content-type', 'application/json; charset=utf-8').send(answer);
});
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
