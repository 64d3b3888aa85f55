/** How a program comes to this machine. */
export type Recipe =
  /** Built from the Go module in `tools/external/{name}`, which pins it. */
  | { readonly by: 'go'; readonly package: string }
  /** Built from a published crate. */
  | { readonly by: 'cargo'; readonly crate: string }
  /** Installed into a virtual environment of its own. */
  | { readonly by: 'pip'; readonly package: string }
  /** Taken from the machine, or from Debian's packages. */
  | { readonly by: 'apt'; readonly package: string };

/** One external program: none is needed by `npm start` or `npm test`. */
export type Program = {
  /** Exact version; `any` for what the machine's distribution has. */
  readonly version: string;
  /** Name of the executable. */
  readonly command: string;
  readonly purpose: string;
  readonly recipe: Recipe;
};

/** Every external program the project uses, with its version, in one place. */
export const PROGRAMS = {
  k6: {
    version: '2.2.0',
    command: 'k6',
    purpose: 'load tests',
    recipe: { by: 'go', package: 'go.k6.io/k6/v2' },
  },
  versitygw: {
    version: '1.7.0',
    command: 'versitygw',
    purpose: 'an independent S3 that judges signatures and the local S3',
    recipe: { by: 'go', package: 'github.com/versity/versitygw/cmd/versitygw' },
  },
  dynoxide: {
    version: '3.1.0',
    command: 'dynoxide',
    purpose: 'an independent DynamoDB',
    recipe: { by: 'cargo', crate: 'dynoxide-rs' },
  },
  chromium: {
    version: 'any',
    command: 'chromium',
    purpose: 'browser tests',
    recipe: { by: 'apt', package: 'chromium' },
  },
  'cfn-lint': {
    version: '1.58.0',
    command: 'cfn-lint',
    purpose: 'checks of the CloudFormation templates',
    recipe: { by: 'pip', package: 'cfn-lint' },
  },
  schemathesis: {
    version: '4.32.5',
    command: 'schemathesis',
    purpose: 'requests generated from the OpenAPI document',
    recipe: { by: 'pip', package: 'schemathesis' },
  },
  awscli: {
    version: '1.46.2',
    command: 'aws',
    purpose: 'an S3 client that shares no code with ours',
    recipe: { by: 'pip', package: 'awscli' },
  },
} as const satisfies Record<string, Program>;

/** Name of an external program. */
export type ProgramName = keyof typeof PROGRAMS;

/** Whether `name` is one of the programs. */
export const isProgramName = (name: string): name is ProgramName => Object.hasOwn(PROGRAMS, name);

/** All names, in the table's order. */
export const PROGRAM_NAMES: readonly ProgramName[] = Object.keys(PROGRAMS).filter(isProgramName);
