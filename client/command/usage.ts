/** The command line is wrong, or a file that it names is. Nothing was sent. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'usage';
}
