/** One line of JSON. Amounts and balances are strings in it, as on the wire: not every reader of JSON keeps 15 digits. */
export function toJson(value: object): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'bigint' ? String(member) : member,
  );
}
