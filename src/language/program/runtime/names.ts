import { typeError } from './exceptions.ts';
import { PyDict } from './mappings.ts';
import type { Py } from './object.ts';

/** `globals()`, `locals()`, `vars()`: names and their values as they are now, to be read. */
export class Names extends PyDict {
  private readonly done: boolean;

  constructor(names: Iterable<readonly [string, Py]>) {
    super();
    for (const [name, value] of names) super.set(name, value);
    this.done = true;
  }

  override set(key: Py, value: Py): void {
    if (this.done) this.refuse();
    super.set(key, value);
  }

  override setItem(): boolean {
    return this.refuse();
  }

  override deleteItem(): boolean {
    return this.refuse();
  }

  private refuse(): never {
    throw typeError('variables can be read here, but not assigned; setattr() assigns attributes');
  }
}
