/** The headers of answers that have to do with access, and the answers that have them. */
type Json = Record<string, unknown>;

const whole = (description: string): Json => ({ description, schema: { type: 'integer' } });

export const accessHeaders: Json = {
  'WWW-Authenticate': {
    description: 'The ways to send a key.',
    schema: { type: 'string' },
    example: 'Bearer realm="gradd", Basic realm="gradd", charset="UTF-8"',
  },
  'RateLimit-Limit': whole('Requests that the client may send in a window.'),
  'RateLimit-Remaining': whole('How many of them are left.'),
  'RateLimit-Reset': whole('Seconds until the window ends.'),
  'RateLimit-Cost-Limit': whole('Units of cost that the client may use in a window.'),
  'RateLimit-Cost-Remaining': whole('How many of them are left.'),
  'RateLimit-Cost-Reset': whole('Seconds until that window ends.'),
};

const rateLimits = Object.keys(accessHeaders).filter((name) => name.startsWith('RateLimit'));

const byStatus: Record<number, string[]> = {
  401: ['WWW-Authenticate'],
  403: ['WWW-Authenticate'],
  429: ['Retry-After', ...rateLimits],
  503: ['Retry-After'],
};

/** The headers that a problem of this status has besides its id. */
export const headersOf = (status: number): string[] => byStatus[status] ?? [];
