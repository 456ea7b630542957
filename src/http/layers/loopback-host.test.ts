import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLoopbackHost } from './loopback-host.ts';

test('the names of the loopback interface pass, with any port, and so does an absent header', () => {
  for (const host of [
    '',
    'localhost',
    'LocalHost:8001',
    '127.0.0.1',
    '127.8.9.10:1',
    '[::1]',
    '[::1]:8080',
  ]) {
    assert.equal(isLoopbackHost(host), true, host);
  }
});

test('no other name passes, however it begins or ends', () => {
  for (const host of [
    'evil.example',
    'localhost.evil.example',
    'evil.localhost.example:80',
    '127.0.0.1.evil.example',
    '192.0.2.1:8080',
    '0.0.0.0',
    '[::2]',
    '::1',
    'evil.example\nlocalhost',
    'localhost:80@evil.example',
  ]) {
    assert.equal(isLoopbackHost(host), false, host);
  }
});
