/** Reads a required environment variable. Throws if it is not set. */
export function environment(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') {
    throw new Error(`the environment variable ${name} is not set; the CDK app in infra/ sets it`);
  }
  return value;
}

/** Reads an environment variable with a time (ISO 8601), in milliseconds since 1970; 0 if it is not set. */
export function timeIn(name: string): number {
  const value = process.env[name] ?? '';
  const timeMs = value === '' ? 0 : Date.parse(value);
  if (Number.isNaN(timeMs)) {
    throw new Error(`the environment variable ${name} is not an ISO 8601 time: ${JSON.stringify(value)}`);
  }
  return timeMs;
}
