import type { PyInstance } from './instance.ts';
import { type Entry, PyDict, Table } from './mappings.ts';
import type { Py } from './object.ts';

/** The attributes of an instance as entries: what changes here changes there. */
class AttributeTable extends Table {
  private readonly attributes: Map<string, Py>;

  constructor(attributes: Map<string, Py>) {
    super();
    for (const [name, value] of attributes) super.set(name, value);
    this.attributes = attributes;
  }

  override set(key: Py, value: Py): void {
    super.set(key, value);
    if (typeof key === 'string') this.attributes?.set(key, value);
  }

  override delete(key: Py): Entry | undefined {
    if (typeof key === 'string') this.attributes.delete(key);
    return super.delete(key);
  }

  override clear(): void {
    this.attributes.clear();
    super.clear();
  }
}

/** `object.__dict__`, as the attributes are when it is asked for. */
export const dictOf = ({ attributes }: PyInstance): PyDict => new PyDict(new AttributeTable(attributes));
