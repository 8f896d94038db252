/** A Region's address, as events and failures name it. */
export interface Endpoint {
  /** Base URL without a trailing slash. */
  readonly url: string;
  /** AWS Region, when it was given or can be read from the host name. */
  readonly region: string | undefined;
  /** What to call it in messages: its Region if known, else its host. */
  readonly name: string;
}
