/** An endpoint, resolved. */
export interface Endpoint {
  /** Base URL without a trailing slash. */
  readonly url: string;
  readonly region: string | undefined;
  /** What to call it in messages: its Region if known, else its host. */
  readonly name: string;
}
