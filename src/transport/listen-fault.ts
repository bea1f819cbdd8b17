type Place = { HOST: string; PORT: number };

const reasons: Record<string, (place: Place) => string> = {
  EADDRINUSE: ({ HOST, PORT }) =>
    `Port ${PORT} of ${HOST} is taken by another program; stop that, or choose another PORT`,
  EACCES: ({ PORT }) =>
    `This user may not listen on port ${PORT}; ports below 1024 are for privileged users, so choose a larger PORT`,
  EADDRNOTAVAIL: ({ HOST }) =>
    `${HOST} is no address of this machine; HOST must be one, or 0.0.0.0 for all of them`,
  ENOTFOUND: ({ HOST }) =>
    `No address is known for ${HOST}; HOST must be an address or a name of this machine`,
};

/** Why the service cannot listen, in plain words. */
export function listenFault(error: NodeJS.ErrnoException, place: Place): string {
  return reasons[error.code ?? '']?.(place) ?? `The service cannot listen: ${error.message}`;
}
