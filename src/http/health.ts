/**
 * `/livez`, `/readyz` and `/healthz`, in kube-apiserver's own words: `ok`, or a line for each check.
 * No check waits for the replay of a log: a server that is not ready makes the aggregator mark the API group stale, and
 * namespaces then stay Terminating.
 */
import { quote } from './status.ts';

/** Something without which the server cannot do its work. */
export interface HealthCheck {
  readonly name: string;
  readonly isHealthy: () => boolean;
}

/** What a health endpoint answers. */
export interface HealthAnswer {
  readonly code: 200 | 500;
  readonly text: string;
}

/** Where health is asked for. */
export const HEALTH_PATHS: ReadonlySet<string> = new Set(['/healthz', '/livez', '/readyz']);

/** The check that always passes: that it answers is the proof. */
const PING: HealthCheck = { name: 'ping', isHealthy: () => true };

/**
 * Runs the checks, less those that `exclude` names. Of the query only `exclude` and `verbose` are looked at: whatever else
 * a prober adds is no reason to fail (k8s.io/apiserver/pkg/server/healthz/healthz.go).
 */
export function checkHealth(
  endpoint: string,
  checks: readonly HealthCheck[],
  query: URLSearchParams,
): HealthAnswer {
  const all = [PING, ...checks];
  const excluded = new Set(query.getAll('exclude').filter((name) => name !== ''));
  const results = all.map(({ name, isHealthy }) => {
    if (excluded.has(name)) return { passed: true, line: `[+]${name} excluded: ok` };
    return isHealthy()
      ? { passed: true, line: `[+]${name} ok` }
      : { passed: false, line: `[-]${name} failed: reason withheld` };
  });
  const passed = results.every((result) => result.passed);
  if (passed && !query.has('verbose')) return { code: 200, text: 'ok' };
  const unmatched = [...excluded].filter((name) => all.every((check) => check.name !== name));
  const warnings =
    unmatched.length === 0
      ? []
      : [`warn: some health checks cannot be excluded: no matches for ${unmatched.map(quote).join(', ')}`];
  const verdict = `${endpoint} check ${passed ? 'passed' : 'failed'}`;
  return {
    code: passed ? 200 : 500,
    text: [...results.map((result) => result.line), ...warnings, verdict, ''].join('\n'),
  };
}
