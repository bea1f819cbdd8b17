import { Builtin, PyModule } from '../runtime/function.ts';

export const mathModule = new PyModule('math');
export { Builtin };
