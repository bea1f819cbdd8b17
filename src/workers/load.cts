/**
 * What a thread of the pool loads first. A thread that is ended while it loads a module by `require` takes the process
 * with it (Node 20: `IsGraphAsync must be used on an instantiated module`); one that loads it by `import` does not.
 */
module.exports = import('./worker.ts').then((loaded) => loaded.default);
