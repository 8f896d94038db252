/** What follows `java` to run DynamoDB Local, in a container or out of one. The current folder is the one of the jar. */
export function dynamodbLocalArguments(port: number, databaseFolder: string | null): string[] {
  return [
    // It runs for minutes, not for months, so a quick start is worth more than the fastest code. These two halve it.
    '-XX:TieredStopAtLevel=1',
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
