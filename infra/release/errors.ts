/** Literal that says why there is no release. */
export type ReleaseCode =
  | 'bad_argument'
  | 'dirty_tree'
  | 'wrong_branch'
  | 'tag_exists'
  | 'nothing_to_release'
  | 'command_failed';

/** Why there is no release, how things are now, and what to do about it. */
export class ReleaseError extends Error {
  override readonly name = 'ReleaseError';
  readonly code: ReleaseCode;

  constructor(code: ReleaseCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
