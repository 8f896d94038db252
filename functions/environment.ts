/** A required variable of the function's environment. Throws when it is not set. */
export function environment(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') {
    throw new Error(`the environment variable ${name} is not set; the CDK app in infra/ sets it`);
  }
  return value;
}

/** A time (ISO 8601) of the function's environment, in milliseconds since 1970; 0 when it is not set. */
export function timeIn(name: string): number {
  const value = process.env[name] ?? '';
  const timeMs = value === '' ? 0 : Date.parse(value);
  if (Number.isNaN(timeMs)) {
    throw new Error(`the environment variable ${name} is no time: ${JSON.stringify(value)}`);
  }
  return timeMs;
}
