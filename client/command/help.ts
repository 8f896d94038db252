/** What `bank --help` prints. */
export const HELP = `bank: deposit, withdraw and ask for a balance, in a bank that lives in two Regions

Usage
  bank deposit ACCOUNT AMOUNT     put AMOUNT into ACCOUNT, print the new balance
  bank withdraw ACCOUNT AMOUNT    take AMOUNT out of ACCOUNT, print the new balance
  bank balance ACCOUNT            print the balance
  bank outcome ACCOUNT KEY        print what has come of a call: "executed" and the balance after
                                  it, "refused" and why, "cancelled", or "none" (so far)
  bank cancel ACCOUNT KEY         make sure that a call never executes; prints "cancelled", or what
                                  has come of it already

  AMOUNT is a whole number of minor units (cents, credits, seconds), 1 to 15 digits.

Options
  --key KEY          retry a deposit or withdrawal with the key it had (a UUIDv7)
  --endpoint URL     a Region's address; give it twice, the preferred one first.
                     REGION=URL also tells its AWS Region
  --outputs FILE     take the addresses from the outputs file of cdk deploy instead.
                     Default: $BANK_ENDPOINTS (separated by commas), else the file
                     $BANK_OUTPUTS, else the local bank
  --bank PREFIX      the bank to take, when the outputs are those of several
  --region REGION    the Region to prefer
  --timeout-ms N     longest time for the call with all its attempts (default 5000)
  --json             one JSON object on standard output; messages on standard error are
                     JSON as well, one object a line
  -v, --verbose      tell the story: who is tried, who replied
  -h, --help         this text
  --version          the version

The key of a call is written to standard error before the call is sent. If the outcome is
unknown (exit code 4), the same command with --key KEY tells it: the call takes effect once.
Or close the matter with bank cancel: then it has happened, or never will.

Requests are signed when every endpoint is https with a known Region: with AWS_ACCESS_KEY_ID,
AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN if they are set, otherwise with what AWS's own
chain finds (profiles, single sign-on, web identity, containers, instances, processes), for
which the package @aws-sdk/credential-provider-node must be installed.

Examples
  bank deposit joe 10
  bank withdraw joe 12 -v
  bank balance joe --json
  bank deposit joe 10 --key 0198c5a0-7e57-7abc-8def-0123456789ab
  bank cancel joe 0198c5a0-7e57-7abc-8def-0123456789ab
  bank balance joe --endpoint http://127.0.0.1:3030

Exit codes
  0  done
  1  something else went wrong
  2  the command line is wrong, or there are no credentials; nothing was sent
  3  refused: not enough money, no such account, ...; nothing was moved
  4  outcome unknown: retry with the key to learn it
  5  unavailable, and certainly not executed by this command
`;
