/**
 * Who gets which answer: every route, for everybody. What a row does not say is refused: `·` is 403.
 *
 * A line that begins with a slash is a path as the table of routes has it ({a,b} stands for several); the lines below it put
 * names in the place of its variables, in their order, and say the codes, column by column. Lines with `#` explain.
 */
import type { ApiResponse } from './cluster/api-client.ts';

/** The columns; authorization.e2e.ts says what each of them may do. */
export const IDENTITIES = [
  'anonymous',
  'nobody',
  'shopper',
  'bot',
  'asker',
  'reader',
  'keeper',
  'named',
  'viewer',
  'monitor',
  'master',
] as const;

export type IdentityName = (typeof IDENTITIES)[number];

/** Below the API group's version: asked through kube-apiserver and, with the same credentials, on the server's own port. */
export const API_TABLE = `
# there: web and cart, in shop; ledger, in bank; gone is nowhere anon nobo shop bot  aske read keep name view moni mast

/namespaces/:namespace/:resource/:name/{versions,spechistory,diff,manifest}
  shop deployments web                                          ·    ·    200  200  ·    ·    200  200  200  ·    200
  shop deployments gone                                         ·    ·    404  404  ·    ·    404  ·    404  ·    404
  shop deployments cart                                         ·    ·    200  200  ·    ·    200  ·    200  ·    200
  shop secrets password                                         ·    ·    ·    ·    ·    ·    200  ·    ·    ·    200
  shop secrets gone                                             ·    ·    ·    ·    ·    ·    404  ·    ·    ·    404
  bank deployments ledger                                       ·    ·    ·    ·    ·    ·    ·    ·    200  ·    200
  bank deployments gone                                         ·    ·    ·    ·    ·    ·    ·    ·    404  ·    404
  bank secrets vault                                            ·    ·    ·    ·    ·    ·    ·    ·    ·    ·    200

/namespaces/:namespace/:resource/:name/bisect
  shop deployments web                                          ·    ·    200  200  ·    ·    200  200  200  ·    200
  shop deployments gone                                         ·    ·    404  404  ·    ·    404  ·    404  ·    404
  bank deployments ledger                                       ·    ·    ·    ·    ·    ·    ·    ·    200  ·    200
# nobody may search for a value that is not kept
  shop secrets password                                         ·    ·    ·    ·    ·    ·    ·    ·    ·    ·    ·

/namespaces/:name/{versions,spechistory,diff,manifest,bisect}
  shop                                                          ·    ·    200  200  ·    ·    200  ·    200  ·    200
  bank                                                          ·    ·    ·    ·    ·    ·    ·    ·    200  ·    200
  gone                                                          ·    ·    ·    ·    ·    ·    ·    ·    404  ·    404

/:resource/:name/{versions,spechistory,diff,manifest,bisect}
  clusterroles auditors                                         ·    ·    ·    ·    ·    ·    ·    ·    200  ·    200
  clusterroles gone                                             ·    ·    ·    ·    ·    ·    ·    ·    404  ·    404

/namespaces/:namespace/{activities,rollouts,objecthistories}
  shop                                                          ·    ·    200  200  200  ·    200  200  200  ·    200
  bank                                                          ·    ·    ·    ·    200  ·    ·    ·    200  ·    200

/{activities,rollouts,objecthistories,sources}
                                                                ·    ·    ·    ·    200  ·    ·    ·    200  ·    200

/namespaces/:namespace/objecthistories/:name
  shop deployments.apps:web                                     ·    ·    200  200  ·    ·    200  200  200  ·    200
  shop deployments.apps:gone                                    ·    ·    404  404  ·    ·    404  ·    404  ·    404
  shop secrets:password                                         ·    ·    ·    ·    ·    ·    200  ·    ·    ·    200
  bank deployments.apps:ledger                                  ·    ·    ·    ·    ·    ·    ·    ·    200  ·    200

/objecthistories/:name
  clusterroles.rbac.authorization.k8s.io:auditors               ·    ·    ·    ·    ·    ·    ·    ·    200  ·    200
  clusterroles.rbac.authorization.k8s.io:gone                   ·    ·    ·    ·    ·    ·    ·    ·    404  ·    404
  namespaces:bank                                               ·    ·    ·    ·    ·    ·    ·    ·    200  ·    200
`;

/** Beside it: on the server's own port only, as kube-apiserver has its own answers there. */
export const OTHER_TABLE = `
#                                                               anon nobo shop bot  aske read keep name view moni mast
/{livez,readyz,healthz,version}
                                                                200  200  200  200  200  200  200  200  200  200  200
/{apis,apis/kubeprovenance.cloudark.io,apis/kubeprovenance.cloudark.io/v1}
                                                                ·    200  200  200  200  200  200  200  200  200  200
/{openapi/v2,openapi/v3,openapi/v3/apis/kubeprovenance.cloudark.io/v1}
                                                                ·    200  200  200  200  200  200  200  200  200  200
/{metrics,}
                                                                ·    ·    ·    ·    ·    ·    ·    ·    ·    200  200
`;

/** A row: one path, and what everybody gets. */
export interface Row {
  /** As the table of routes has it. */
  readonly pattern: string;
  /** The same with names in the place of its variables. */
  readonly path: string;
  readonly codes: Readonly<Record<IdentityName, number>>;
}

/**
 * The rows of a table.
 * @param prefix what the paths, not the patterns, begin with
 * @throws where a row is not written as it should be
 */
export function parseTable(table: string, prefix = ''): readonly Row[] {
  const rows: Row[] = [];
  let patterns: readonly string[] = [];
  for (const line of table.split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    if (line.startsWith('/')) patterns = alternatives(line.trim());
    else rows.push(...patterns.map((pattern) => rowOf(pattern, line.trim().split(/\s+/), prefix)));
  }
  return rows;
}

function alternatives(line: string): readonly string[] {
  const { before = '', names = '' } = /^(?<before>[^{]*)\{(?<names>.*)\}$/.exec(line)?.groups ?? {};
  return names === '' ? [line] : names.split(',').map((name) => `${before}${name}`);
}

function rowOf(pattern: string, words: readonly string[], prefix: string): Row {
  const cells = words.slice(-IDENTITIES.length);
  const names = words.slice(0, -IDENTITIES.length);
  const variables = pattern.match(/:\w+/g) ?? [];
  if (cells.length !== IDENTITIES.length || variables.length !== names.length) {
    throw new Error(`${pattern}: a row has ${variables.length} names and ${IDENTITIES.length} codes`);
  }
  const path = variables.reduce(
    (rest, variable, index) => rest.replace(variable, names[index] ?? ''),
    pattern,
  );
  const code = (name: IdentityName): number => {
    const cell = cells[IDENTITIES.indexOf(name)] ?? '';
    return cell === '·' ? 403 : Number(cell);
  };
  return {
    pattern,
    path: `${prefix}${path}`,
    codes: {
      anonymous: code('anonymous'),
      nobody: code('nobody'),
      shopper: code('shopper'),
      bot: code('bot'),
      asker: code('asker'),
      reader: code('reader'),
      keeper: code('keeper'),
      named: code('named'),
      viewer: code('viewer'),
      monitor: code('monitor'),
      master: code('master'),
    },
  };
}

/**
 * The cells that are not as expected, in words.
 * @param label who asks
 * @param expected the code of a row
 */
export async function wrongCells(
  label: string,
  rows: readonly Row[],
  expected: (row: Row) => number,
  ask: (path: string) => Promise<ApiResponse>,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const row of rows) {
    const { path } = row;
    const query = path.endsWith('/bisect') ? '?field=metadata.labels.team&value=x' : '';
    const { status, body } = await ask(`${path}${query}`);
    const code = expected(row);
    if (status !== code) wrong.push(`${label} ${path}: ${status}, not ${code}: ${JSON.stringify(body)}`);
  }
  return wrong;
}
