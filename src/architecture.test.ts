/**
 * The direction of imports, held by reading them: main → commands → {pipeline, http} → model. Pipeline and http never
 * meet; only tests import src/testing and development dependencies; nothing imports from outside the repository.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, it } from 'node:test';
import packageJson from '../package.json' with { type: 'json' };

const root = import.meta.dirname;

/** What the files of each layer may import from; a layer may always import from itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'main.ts': ['commands'],
  commands: ['pipeline', 'http', 'model'],
  pipeline: ['model'],
  http: ['model'],
  model: [],
  testing: ['model', 'pipeline', 'http'],
};

interface Import {
  readonly file: string;
  readonly specifier: string;
}

function importsIn(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const specifiers = text.matchAll(
    /^\s*(?:import|export)\s(?:[^'";]*?from\s*)?'([^']+)'|import\('([^']+)'\)/gm,
  );
  return [...specifiers].map(([, first, second]) => ({ file, specifier: first ?? second ?? '' }));
}

const files = globSync('**/*.ts', { cwd: root }).filter((file) => !file.endsWith('.d.ts'));
const imports = files.flatMap(importsIn);
const isTest = (file: string): boolean => file.endsWith('.test.ts') || file.split('/').includes('testing');
const layerOf = (path: string): string => path.split('/')[0] ?? '';

describe('The architecture', () => {
  it('is seen: files and imports are found', () => {
    assert.ok(files.length > 30 && imports.length > 100);
  });

  it('imports in one direction', () => {
    const wrong = imports
      .filter(({ file, specifier }) => specifier.startsWith('.') && !isTest(file))
      .map(({ file, specifier }) => ({ file, target: relative(root, join(root, dirname(file), specifier)) }))
      .filter(({ file, target }) => {
        const [from, to] = [layerOf(file), layerOf(target)];
        return from !== to && !(MAY_IMPORT[from] ?? []).includes(to) && target !== '../package.json';
      });
    assert.deepEqual(wrong, []);
  });

  it('knows who asks without knowing the cluster: http/cluster imports http/auth, never the other way', () => {
    const wrong = imports.filter(
      ({ file, specifier }) => file.startsWith('http/auth/') && specifier.includes('/cluster/'),
    );
    assert.deepEqual(wrong, []);
  });

  it('uses in production what package.json installs in production', () => {
    const known = new Set(Object.keys(packageJson.dependencies));
    const wrong = imports.filter(({ file, specifier }) => {
      if (isTest(file) || specifier.startsWith('.') || specifier.startsWith('node:')) return false;
      const name = specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1);
      return !known.has(name.join('/'));
    });
    assert.deepEqual(wrong, []);
  });
});
