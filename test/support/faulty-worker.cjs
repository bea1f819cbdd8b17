/** As the service's own threads are loaded. */
module.exports = import('./faulty-worker.mjs').then((module) => module.default);
