/** A JSON Schema as OpenAPI 3.1 has it. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  propertyNames?: Schema;
  items?: boolean | Schema;
  prefixItems?: Schema[];
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  pattern?: string;
  format?: string;
  default?: unknown;
  example?: unknown;
}

export interface Parameter {
  $ref?: string;
  name: string;
  in: 'path' | 'query' | 'header' | 'cookie';
  required?: boolean;
  schema?: Schema;
  style?: string;
}

export interface Content {
  schema?: Schema;
  example?: unknown;
}

interface Response {
  $ref?: string;
  content?: Record<string, Content>;
}

export interface Operation {
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Record<string, Content> };
  responses: Record<string, Response>;
}

export interface Document {
  paths: Record<string, Record<string, Operation>>;
  components?: Record<string, Record<string, unknown>>;
}

/** One operation of the document with its path and method. */
export interface Route {
  path: string;
  method: string;
  parameters: Parameter[];
  body: Content | undefined;
  responses: Record<string, Response>;
}

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/** An OpenAPI document as a fuzzer needs it. */
export class Api {
  readonly document: Document;
  readonly routes: Route[];

  constructor(document: Document) {
    this.document = document;
    this.routes = Object.entries(document.paths).flatMap(([path, item]) =>
      METHODS.filter((method) => method in item).map((method) => this.route(path, method, item)),
    );
  }

  private route(path: string, method: string, item: Record<string, Operation>): Route {
    const { parameters = [], requestBody, responses } = item[method] as Operation;
    const shared = (item.parameters ?? []) as unknown as Parameter[];
    const body =
      requestBody && Object.entries(this.resolve(requestBody).content).find(([type]) => /json/.test(type));
    return {
      path,
      method: method.toUpperCase(),
      parameters: [...shared, ...parameters].map((each) => this.resolve(each)),
      body: body?.[1],
      responses: Object.fromEntries(
        Object.entries(responses).map(([status, each]) => [status, this.resolve(each)]),
      ),
    };
  }

  /** What a reference within the document leads to, or the object itself. */
  resolve<T extends object>(object: T): T {
    let found: T & { $ref?: string } = object;
    for (let i = 0; i < 20 && typeof found.$ref === 'string'; i++) {
      const { $ref, ...beside } = found;
      const target = $ref
        .replace(/^#\//, '')
        .split('/')
        .reduce<unknown>(
          (at, key) => (at as Record<string, unknown>)[key.replaceAll('~1', '/')],
          this.document,
        );
      found = { ...(target as T), ...beside } as T & { $ref?: string };
    }
    return found;
  }

  /** The routes that answer at a path of a request, without its query. */
  at(path: string): Route[] {
    return this.routes.filter((route) => matches(route.path, path));
  }
}

function matches(template: string, path: string): boolean {
  const [want, have] = [template, path].map((each) => each.replace(/\/+$/, '').split('/')) as [
    string[],
    string[],
  ];
  if (want.length !== have.length) return false;
  return want.every((part, i) =>
    part.startsWith('{') ? have[i] !== '' : part === decoded(have[i] as string),
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
