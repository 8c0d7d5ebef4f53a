// axe-core finds nothing on any page: in light, in dark, and on a phone.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import axe from 'axe-core';
import { launch, Pod } from './pod.js';
import { Person, setUp } from './person.js';

const LOOKS = [
  ['light', { colorScheme: 'light', viewport: { width: 1280, height: 900 } }],
  ['dark', { colorScheme: 'dark', viewport: { width: 1280, height: 900 } }],
  ['phone', { colorScheme: 'light', viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }],
];

const FOR_VISITORS = ['/', '/users/sign_in', '/users/sign_up', '/public', '/u/alice', '/tags/seeds', '/nowhere'];
const FOR_MEMBERS = ['/stream', '/public', '/u/alice', '/contacts', '/tags/seeds', '/notifications', '/user/edit',
  '/profile/edit', '/user/security', '/privacy', '/conversations', '/conversations?set=hidden', '/conversations/new', '/people?q=bob', '/users/sign_out', '/admin', '/admin/plugins', '/admin/settings'];

async function violations(page) {
  await page.evaluate(axe.source);
  const found = await page.evaluate(() => globalThis.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }));
  assert.ok(found.passes.length >= 10, 'axe looked at something');
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ').slice(0, 600)}`);
}

describe('accessibility', () => {
  let pod, browser, state, post, talk;

  before(async () => {
    pod = await Pod.start();
    browser = await launch();
    const alice = await Person.at(browser, pod);
    await alice.visit(pod.setupLink);
    assert.deepEqual(await violations(alice.page), [], 'setup');
    await setUp(alice);
    const bob = await Person.at(browser, pod);
    await bob.signUp('bob');
    await alice.addContact(await bob.handle(), 'Family');
    await alice.plugin('markdown', true);
    await alice.post('Only for the family', 'Family');
    post = await alice.post('# Heading\n\n**bold** #seeds [link](https://example.org)\n\n| a | b |\n|---|---|\n| 1 | 2 |');
    await bob.visit(post);
    await bob.fill({ text: 'A comment' });
    await bob.submit('text');
    await bob.addContact(await alice.handle(), 'Friends');
    await alice.converse('bob', 'Trip to the sea', 'When do **we** leave?');
    talk = new URL(alice.page.url());
    state = await alice.context.storageState();
  });

  after(async () => {
    await browser?.close();
    await pod?.stop();
  });

  for (const [look, options] of LOOKS) {
    it(`pages for visitors, ${look}`, async () => {
      const visitor = await Person.at(browser, pod, options);
      for (const path of [...FOR_VISITORS, post]) {
        await visitor.visit(path);
        assert.deepEqual(await violations(visitor.page), [], path);
      }
    });

    it(`pages for members, ${look}`, async () => {
      const alice = await Person.at(browser, pod, { ...options, storageState: state });
      for (const path of [...FOR_MEMBERS, post, `${talk.pathname}${talk.search}`]) {
        await alice.visit(path);
        assert.deepEqual(await violations(alice.page), [], path);
      }
      await alice.visit('/stream');
      await alice.page.locator('form[action="/status_messages"] details.picker summary').click();
      assert.deepEqual(await violations(alice.page), [], 'the audience picker, open');
    });
  }

  it('axe would have found something', async () => {
    const visitor = await Person.at(browser, pod);
    await visitor.visit('/users/sign_in');
    await visitor.page.evaluate(() => document.querySelector('main').append(document.createElement('img')));
    assert.equal((await violations(visitor.page)).length, 1);
  });
});
