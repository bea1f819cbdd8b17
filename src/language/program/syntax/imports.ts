import type { Stmt } from './ast.ts';
import { PatternParser } from './patterns.ts';

/** Reads `import` and `from`. */
export class ImportParser extends PatternParser {
  private dotted(): string {
    let path = this.identifier().text;
    while (this.take('.')) path += `.${this.identifier().text}`;
    return path;
  }

  protected import(): Stmt {
    const { at } = this.next();
    const modules: { path: string; as: string | null }[] = [];
    do {
      const path = this.dotted();
      modules.push({ path, as: this.take('as') ? this.identifier().text : null });
    } while (this.take(','));
    return { kind: 'import', modules, at };
  }

  protected from(): Stmt {
    const { at } = this.next();
    if (this.is('.') || this.is('...')) this.fail('relative imports are not available');
    const path = this.dotted();
    this.expect('import');
    if (this.take('*')) return { kind: 'from', path, names: [{ name: '*', as: null }], at };
    const bracket = this.take('(');
    const names: { name: string; as: string | null }[] = [];
    do {
      if (bracket && this.is(')')) break;
      const { text: name } = this.identifier();
      names.push({ name, as: this.take('as') ? this.identifier().text : null });
    } while (this.take(','));
    if (bracket) this.expect(')');
    else if (this.tokens[this.index - 1]?.text === ',')
      this.fail('trailing comma not allowed without surrounding parentheses');
    return { kind: 'from', path, names, at };
  }
}
