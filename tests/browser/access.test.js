// axe-core finds nothing on any page: in light, in dark, and on a phone.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import axe from 'axe-core';
import { codeFor, launch, PASSWORD, Pod } from './pod.js';
import { Person, setUp } from './person.js';

const LOOKS = [
  ['light', { colorScheme: 'light', viewport: { width: 1280, height: 900 } }],
  ['dark', { colorScheme: 'dark', viewport: { width: 1280, height: 900 } }],
  ['phone', { colorScheme: 'light', viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }],
  ['dark phone', { colorScheme: 'dark', viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }],
];

const FOR_VISITORS = ['/', '/users/sign_in', '/users/sign_up', '/public', '/u/alice', '/tags/seeds', '/nowhere'];
const FOR_MEMBERS = ['/stream', '/public', '/u/alice', '/contacts', '/tags/seeds', '/notifications', '/user/edit',
  '/profile/edit', '/user/security', '/privacy', '/conversations', '/conversations?set=hidden', '/conversations/new', '/people?q=bob', '/users/sign_out', '/admin', '/admin/plugins', '/admin/settings'];

/** A change of look fades in: half-way colours are nobody's design. */
async function settled(page) {
  await page.evaluate(async () => {
    const frame = () => new Promise((next) => requestAnimationFrame(next));
    await frame();
    await frame();
    const fading = document.getAnimations().filter((one) => one instanceof CSSTransition);
    await Promise.allSettled(fading.map((one) => one.finished));
  });
}

async function violations(page) {
  await settled(page);
  await page.evaluate(axe.source);
  const found = await page.evaluate(() => globalThis.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }));
  assert.ok(found.passes.length >= 10, 'axe looked at something');
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ').slice(0, 600)}`);
}

/** The same page in every look, without asking for it again; says in how many. */
async function eachLook(person, look) {
  let count = 0;
  for (const [name, { colorScheme, viewport }] of LOOKS) {
    await person.page.emulateMedia({ colorScheme });
    await person.page.setViewportSize(viewport);
    await look(name);
    count += 1;
  }
  return count;
}

describe('accessibility', () => {
  let pod, browser, state, post, poll, talk;

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
    await alice.plugin('polls', true);
    await alice.post('Only for the family', 'Family');
    post = await alice.post('# Heading\n\n**bold** #seeds [link](https://example.org)\n\n| a | b |\n|---|---|\n| 1 | 2 |');
    await bob.visit(post);
    await bob.fill({ text: 'A comment' });
    await bob.submit('text');
    await bob.addContact(await alice.handle(), 'Friends');
    await alice.converse('bob', 'Trip to the sea', 'When do **we** leave?');
    talk = new URL(alice.page.url());
    poll = await bob.ask('Tea or coffee?', ['Tea', 'Coffee']);
    state = await alice.context.storageState();
  });

  after(async () => {
    await browser?.close();
    await pod?.stop();
  });

  for (const [look, options] of LOOKS) {
    it(`pages for visitors, ${look}`, async () => {
      const visitor = await Person.at(browser, pod, options);
      for (const path of [...FOR_VISITORS, post, poll]) {
        await visitor.visit(path);
        assert.deepEqual(await violations(visitor.page), [], path);
      }
    });

    it(`pages for members, ${look}`, async () => {
      const alice = await Person.at(browser, pod, { ...options, storageState: state });
      for (const path of [...FOR_MEMBERS, post, poll, `${talk.pathname}${talk.search}`]) {
        await alice.visit(path);
        assert.deepEqual(await violations(alice.page), [], path);
      }
      await alice.visit('/stream');
      await alice.page.locator('form[action="/status_messages"] details.picker summary').click();
      await alice.page.locator('form[action="/status_messages"] details.extra summary').click();
      assert.deepEqual(await violations(alice.page), [], 'the audience picker and the poll, open');
    });
  }

  for (const [look, options] of LOOKS) {
    it(`forms with mistakes, ${look}`, async () => {
      const visitor = await Person.at(browser, pod, options);
      await visitor.visit('/users/sign_up');
      await visitor.fill({
        'user[username]': 'bob', 'user[email]': 'bob@example.net', 'user[password]': PASSWORD,
        'user[password_confirmation]': 'another one altogether',
      });
      await visitor.submit('user[username]');
      assert.equal(await visitor.page.locator('[aria-invalid=true]').count(), 1);
      assert.deepEqual(await violations(visitor.page), [], 'sign-up');
      const alice = await Person.at(browser, pod, { ...options, storageState: state });
      await alice.visit('/contacts');
      await alice.addContact('nobody at all', 'Family');
      assert.ok(await alice.page.locator('[aria-invalid=true]').count());
      assert.deepEqual(await violations(alice.page), [], 'contacts');
    });
  }

  it('the second factor: its picture, its codes, and the page that asks for one', async () => {
    const dora = await Person.at(browser, pod);
    await dora.signUp('dora');
    await dora.visit('/user/security');
    await dora.follow(dora.page.locator('form[action="/two_factor_authentication"] button').first());
    const key = await dora.page.locator('#key').innerText();
    const looked = await eachLook(dora, async (look) => {
      assert.deepEqual(await violations(dora.page), [], `QR code, ${look}`);
    });
    assert.equal(looked, LOOKS.length);
    await dora.fill({ 'user[code]': codeFor(key) });
    await dora.submit('user[code]');
    await eachLook(dora, async (look) => assert.deepEqual(await violations(dora.page), [], `recovery codes, ${look}`));
    await dora.signOut();
    await dora.signIn('dora');
    assert.equal(await dora.page.locator('[name="user[otp_attempt]"]').count(), 1);
    await eachLook(dora, async (look) => assert.deepEqual(await violations(dora.page), [], `code, ${look}`));
    await dora.fill({ 'user[otp_attempt]': '000000' });
    await dora.submit('user[otp_attempt]');
    assert.deepEqual(await violations(dora.page), [], 'a wrong code');
  });

  it('axe would have found something', async () => {
    const visitor = await Person.at(browser, pod);
    await visitor.visit('/users/sign_in');
    await visitor.page.evaluate(() => document.querySelector('main').append(document.createElement('img')));
    assert.equal((await violations(visitor.page)).length, 1);
  });
});

describe('the theme night', () => {
  let pod, browser;

  before(async () => {
    pod = await Pod.start({ PAPPUS_THEMES__ACTIVE: 'night' });
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    await pod?.stop();
  });

  it('is as easy to read', async () => {
    const alice = await Person.at(browser, pod);
    await alice.visit(pod.setupLink);
    await setUp(alice);
    const post = await alice.post('Only for the family', 'Family');
    await alice.visit('/stream');
    assert.match(await alice.page.content(), /\/-\/theme\/night\//);
    for (const path of ['/stream', '/contacts', '/user/security', '/admin/plugins', '/nowhere', post]) {
      await alice.visit(path);
      const looked = await eachLook(alice, async (look) => {
        assert.deepEqual(await violations(alice.page), [], `${path}, ${look}`);
      });
      assert.equal(looked, LOOKS.length);
    }
    const visitor = await Person.at(browser, pod);
    for (const path of ['/', '/users/sign_in', '/users/sign_up']) {
      await visitor.visit(path);
      assert.deepEqual(await violations(visitor.page), [], path);
    }
  });
});
