/** A DynamoDB that answers. */
export interface DynamoDB {
  readonly endpoint: string;
  /** Which one it is, for people. */
  readonly description: string;
  /** Process id of what was started, where it is a process of this machine. */
  readonly pid: number | null;
  /** Calls back when it ends, where that can be seen; `stop` makes it end as well. */
  onLost(callback: () => void): void;
  stop(): Promise<void>;
}

export interface StartDynamoDBOptions {
  /** Folder for its files; null keeps everything in memory. */
  readonly databaseFolder: string | null;
  /** File for what it prints; null drops it. */
  readonly logFile: string | null;
  /** Gives up the start. */
  readonly signal: AbortSignal;
}
