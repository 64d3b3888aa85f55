import { createNodeTransport } from '../../client/node/transport.ts';
import { EXIT } from '../exit.ts';
import { forTerminal } from '../sanitise.ts';
import { findIssuer } from '../session.ts';
import { mintToken, type TokenClaims } from '../token.ts';
import { type CommandContext, withSession } from './context.ts';

/** `whoami`: what the token is and may do. */
export const whoami = (context: CommandContext): Promise<number> =>
  withSession(context, async ({ client }) => {
    const answer = await client.whoami({ signal: context.signal });
    if (context.options.json === true) context.output.data(JSON.stringify(answer));
    else {
      for (const [member, value] of Object.entries(answer)) {
        const text = typeof value === 'string' ? value : JSON.stringify(value);
        context.output.data(`${member.padEnd(14)}  ${forTerminal(text)}`);
      }
    }
    return EXIT.done;
  });

/** `token`: a token of a test issuer, alone on standard output. */
export const token = async (
  context: CommandContext,
  flags: TokenClaims & { readonly issuer: string },
): Promise<number> => {
  const { issuer: id, ...claims } = flags;
  const transport = createNodeTransport();
  try {
    const issuer = await findIssuer(context.options, context.environment, transport);
    context.output.data(await mintToken(transport, issuer, id, claims));
    return EXIT.done;
  } finally {
    transport.close();
  }
};
