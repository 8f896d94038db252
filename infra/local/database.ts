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

/** What follows `java` to run DynamoDB Local, in a container or out of one. The current folder is the one of the jar. */
export function dynamodbLocalArguments(port: number, databaseFolder: string | null): string[] {
  return [
    // Java may compile as far as it can: with -XX:TieredStopAtLevel=1 it starts half a second sooner, and then takes twice as long for a call.
    '-XX:+UseSerialGC',
    '-Xmx512m',
    '-Djava.library.path=DynamoDBLocal_lib',
    '-jar',
    'DynamoDBLocal.jar',
    // Without it every Region would see a database of its own.
    '-sharedDb',
    '-disableTelemetry',
    '-port',
    String(port),
    ...(databaseFolder === null ? ['-inMemory'] : ['-dbPath', databaseFolder]),
  ];
}
