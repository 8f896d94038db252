/** A variable of the function's environment that it cannot do without. Throws when it is not set. */
export function environment(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') {
    throw new Error(`the environment variable ${name} is not set; the CDK app in infra/ sets it`);
  }
  return value;
}
