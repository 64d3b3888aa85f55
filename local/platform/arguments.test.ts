import { describe, expect, it } from 'vitest';
import { parseStartArguments, parseStopArguments } from './arguments.ts';

const where = { cwd: '/home/ada/project', root: '/opt/nearput' };
const start = (...argv: string[]) => parseStartArguments(argv, where);

describe('npm start', () => {
  it('needs no arguments', () => {
    expect(start()).toEqual({
      kind: 'run',
      arguments: {
        port: null,
        data: '/opt/nearput/.nearput',
        issuers: null,
        latency: false,
        edgeInstances: 32,
      },
    });
  });

  it('takes all of them, folders relative to where the person is', () => {
    expect(start('--port', '9000', '--data', 'd', '--issuers=/i', '--latency', '--edge-instances', '4')).toEqual({
      kind: 'run',
      arguments: {
        port: 9000,
        data: '/home/ada/project/d',
        issuers: '/i',
        latency: true,
        edgeInstances: 4,
      },
    });
  });

  it.each([
    [['--port', '0'], '--port takes a number from 1 to 65535'],
    [['--port', '65536'], '--port takes a number from 1 to 65535'],
    [['--port', '80a'], '--port takes a number from 1 to 65535'],
    [['--edge-instances', '0'], '--edge-instances takes a number'],
    [['--data', ''], '--data and --issuers take a folder'],
    [['--port'], "'--port <value>' argument missing"],
    [['--prot', '1'], "Unknown option '--prot'"],
    [['8080'], "Unexpected argument '8080'"],
  ])('explains what is wrong with %j', (argv, sentence) => {
    const parsed = start(...argv);
    expect(parsed.kind).toBe('usage');
    expect(parsed.kind === 'usage' && parsed.text).toContain(sentence);
    expect(parsed.kind === 'usage' && parsed.text).toContain('npm start -- [options]');
  });

  it('explains itself', () => {
    expect(start('--help').kind).toBe('help');
    expect(start('-h', '--port', 'nonsense').kind).toBe('help');
  });
});

describe('npm stop', () => {
  it('takes the folder alone', () => {
    expect(parseStopArguments(['--data', 'd'], where)).toEqual({
      kind: 'run',
      arguments: { data: '/home/ada/project/d' },
    });
    expect(parseStopArguments(['--port', '1'], where).kind).toBe('usage');
    expect(parseStopArguments(['--help'], where).kind).toBe('help');
  });
});
