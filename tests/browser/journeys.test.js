// The journeys of a member and of an admin, on a desktop, on a phone, and without JavaScript.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { launch, Pod, codeFor, PASSWORD, until } from './pod.js';
import { Person, setUp } from './person.js';
import { file, png } from './picture.js';

const PHONE = {
  viewport: { width: 390, height: 844 },
  isMobile: true,
  hasTouch: true,
  userAgent: 'Mozilla/5.0 (Linux; Android 14; Pixel 7) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36',
};

const WAYS = [
  ['on a desktop', { viewport: { width: 1280, height: 900 } }],
  ['on a phone', PHONE],
  ['without JavaScript', { viewport: { width: 1280, height: 900 }, javaScriptEnabled: false }],
];

for (const [way, options] of WAYS) {
  describe(way, () => {
    let pod, browser, alice, bob, carol, visitor, post;

    before(async () => {
      pod = await Pod.start();
      browser = await launch();
      [alice, bob, carol, visitor] = await Promise.all([1, 2, 3, 4].map(() => Person.at(browser, pod, options)));
    });

    after(async () => {
      await browser?.close();
      await pod?.stop();
    });

    it('the printed link sets the pod up, once', async () => {
      await setUp(alice);
      const again = await Person.at(browser, pod, options);
      const status = await again.visit(pod.setupLink);
      assert.ok(status >= 400 || !again.page.url().includes('/setup'), 'the link is dead');
    });

    it('newcomers sign up', async () => {
      await bob.signUp('bob');
      await carol.signUp('carol');
    });

    it('a form with a mistake keeps what was typed and says what is wrong at its field', async () => {
      await visitor.visit('/users/sign_up');
      await visitor.fill({
        'user[username]': 'bob',
        'user[email]': 'second-bob@example.org',
        'user[password]': PASSWORD,
        'user[password_confirmation]': PASSWORD,
      });
      await visitor.submit('user[username]');
      const name = visitor.page.locator('[name="user[username]"]');
      assert.equal(await name.inputValue(), 'bob');
      assert.equal(await visitor.page.locator('[name="user[email]"]').inputValue(), 'second-bob@example.org');
      assert.equal(await visitor.page.locator('[name="user[password]"]').inputValue(), '');
      assert.equal(await name.getAttribute('aria-invalid'), 'true');
      const described = (await name.getAttribute('aria-describedby')).split(' ')[0];
      assert.ok((await visitor.page.locator(`#${described}`).innerText()).length > 5);
    });

    it('a post with markdown, a mention and a tag shows rendered, and tells who is mentioned', async () => {
      await alice.plugin('markdown', true);
      const handle = await alice.handle();
      post = await bob.post(`**bold** for @{${handle}} and #seeds`);
      await visitor.visit(post);
      const prose = visitor.page.locator('article .prose').first();
      assert.equal(await prose.locator('strong').innerText(), 'bold');
      assert.equal(await prose.locator('a[href*="/people/"]').count(), 1, 'the mention is a link');
      assert.equal(await prose.locator('a[href*="/tags/seeds"]').count(), 1, 'the tag is a link');
      await alice.visit('/notifications');
      assert.match(await alice.text(), /bob/);
      await visitor.visit('/tags/seeds');
      assert.match(await visitor.text(), /bold/);
    });

    it('markdown goes and comes back with its plugin, for old posts too', async () => {
      const prose = visitor.page.locator('article .prose').first();
      await alice.plugin('markdown', false);
      await visitor.visit(post);
      assert.equal(await prose.locator('strong').count(), 0);
      assert.match(await prose.innerText(), /\*\*bold\*\*/);
      assert.equal(await prose.locator('a[href*="/people/"]').count(), 1, 'mentions need no plugin');
      assert.equal(await prose.locator('a[href*="/tags/seeds"]').count(), 1, 'nor do tags');
      await alice.plugin('markdown', true);
      await visitor.visit(post);
      assert.equal(await prose.locator('strong').innerText(), 'bold');
    });

    it('a poll is asked, answered once, and goes and comes back with its plugin', async () => {
      await alice.plugin('polls', true);
      await bob.visit('/stream');
      const composer = bob.page.locator('form[action="/status_messages"]');
      await composer.locator('textarea').fill('Help me choose.');
      await composer.locator('details.extra summary').click();
      await composer.locator('[name="x[polls][poll][question]"]').fill('Tea or coffee?');
      const answers = composer.locator('[name="x[polls][poll][answer][]"]');
      await answers.nth(0).fill('Tea');
      await composer.locator('details.picker summary').click();
      await composer.locator('input[name=audience][value=public]').check();
      await bob.follow(composer.locator('button[type=submit]').last());
      assert.match(await bob.text(), /at least two answers/);
      assert.equal(await composer.locator('[name="x[polls][poll][question]"]').inputValue(), 'Tea or coffee?');
      assert.equal(await answers.nth(0).inputValue(), 'Tea');
      await answers.nth(1).fill('Coffee');
      await bob.fitsTheScreen();
      await bob.follow(composer.locator('button[type=submit]').last());
      const poll = bob.page.locator('article.post').first().locator('[data-plugin="polls"]');
      assert.match(await poll.innerText(), /Tea or coffee\?/);
      await poll.getByRole('radio', { name: 'Coffee' }).check();
      await bob.follow(poll.locator('button[type=submit]'));
      assert.match(await poll.innerText(), /100/);
      assert.equal(await poll.locator('form').count(), 0, 'nobody votes twice');
      const first = bob.page.locator('article.post').first();
      const asked = new URL(await first.locator('header a[href*="/posts/"]').getAttribute('href'), pod.origin).pathname;
      await bob.fitsTheScreen();
      await alice.plugin('polls', false);
      await visitor.visit(asked);
      assert.doesNotMatch(await visitor.text(), /Tea or coffee/);
      await alice.plugin('polls', true);
      await visitor.visit(asked);
      assert.match(await visitor.text(), /Tea or coffee/);
      assert.equal(await visitor.page.locator('form[action^="/p/"]').count(), 0, 'visitors see the result');
    });

    it('a hostile text stays text', async () => {
      const address = await bob.post('<script>document.title="hurt"</script><img src=x onerror=alert(1)> [x](javascript:alert(1))');
      await visitor.visit(address);
      const prose = visitor.page.locator('article .prose').first();
      assert.match(await prose.innerText(), /onerror/);
      assert.equal(await prose.locator('script, img, a[href^="javascript:"]').count(), 0);
      assert.notEqual(await visitor.page.title(), 'hurt');
    });

    it('a limited post is seen by its aspect and by nobody else', async () => {
      await alice.addContact(await bob.handle(), 'Family');
      const limited = await alice.post('Only for the family', 'Family');
      assert.equal(await bob.visit(limited), 200);
      assert.match(await bob.text(), /Only for the family/);
      for (const other of [carol, visitor]) {
        const status = await other.visit(limited);
        assert.ok(status === 404 || other.page.url().includes('/users/sign_in'), `answered ${status}`);
        assert.doesNotMatch(await other.page.content(), /Only for the family/);
        await other.visit('/u/alice');
        assert.doesNotMatch(await other.page.content(), /Only for the family/);
      }
      assert.equal(await carol.visit(post), 200, 'while carol reads what is public');
    });

    it('ticking one aspect is enough, and the button says who will see the post', async () => {
      await alice.visit('/user/edit');
      const usual = alice.page.locator('[name="user[default_public]"][value=true]');
      await usual.check();
      await alice.submit('user[default_public]');
      for (const start of ['public', 'all_aspects']) {
        await alice.visit('/stream');
        const composer = alice.page.locator('form[action="/status_messages"]');
        const said = composer.locator('details.picker summary');
        await said.click();
        await composer.locator(`[name=audience][value=${start}]`).check();
        const before = await said.innerText();
        await composer.locator('textarea').fill(`Family alone, ${start}`);
        await composer.locator('[data-name="Family"]').check();
        assert.notEqual(await said.innerText(), before, 'the button has changed');
        assert.doesNotMatch(await said.innerText(), /Public|All my/);
        await alice.follow(composer.locator('button[type=submit]').last());
        const first = alice.page.locator('article.post').first();
        assert.match(await first.innerText(), new RegExp(`Family alone, ${start}`));
        assert.equal((await first.locator('.aud').first().innerText()).trim(), 'Family');
        await visitor.visit('/u/alice');
        assert.doesNotMatch(await visitor.page.content(), /Family alone/);
      }
    });

    it('photos are uploaded, described and shown, and a file that is none costs nothing', async () => {
      await bob.visit('/stream');
      const form = () => bob.page.locator('form[action="/status_messages"]');
      await form().locator('textarea').fill('Two photos');
      const files = [file('a.png', png(900, 300)), file('no.png', Buffer.from('<svg/>')), file('b.png', png(40, 40))];
      await form().locator('[name="files[]"]').setInputFiles(files);
      const scripted = options.javaScriptEnabled !== false;
      if (!scripted) await bob.follow(form().locator('button[name=step][value=photos]'));
      await until('two photos wait', async () => (await form().locator('[data-photo]').count()) === 2);
      assert.match(await form().innerText(), /JPEG, PNG, GIF or WebP\./, 'it says what is wrong with the third');
      assert.equal(await form().locator('textarea').inputValue(), 'Two photos');
      const thumb = form().locator('[data-photo] img').first();
      await until('it shows them', () => thumb.evaluate((image) => image.complete && image.naturalWidth === 100));
      await form().locator('[name^="photo_text["]').first().fill('A long wall');
      const wide = await bob.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, 'nothing sticks out');
      if (scripted) await form().locator('li[data-failed] button').last().click();
      await form().locator('details.picker summary').click();
      await form().locator('[name=audience][value=public]').check();
      await bob.follow(form().locator('button[type=submit]').last());
      const shown = bob.page.locator('article.post').first().locator('.photos img');
      assert.equal(await shown.count(), 2);
      assert.equal(await shown.first().getAttribute('alt'), 'A long wall');
      await shown.first().scrollIntoViewIfNeeded();
      await until('the photo is shown', () => shown.first().evaluate((image) => image.complete && image.naturalWidth === 700));
      await bob.visit('/u/bob');
      await bob.follow(bob.page.locator('a[href$="/photos"]'));
      assert.equal(await bob.page.locator('.album img').count(), 2);
    });

    it('a picture of oneself is set and removed', async () => {
      await bob.visit('/profile/edit');
      await bob.page.locator('[name=portrait]').setInputFiles(file('me.png', png(300, 200)));
      await bob.submit('portrait');
      const face = bob.page.locator('.portrait img');
      await until('the picture is shown', () => face.evaluate((image) => image.complete && image.naturalWidth === 100));
      await bob.follow(bob.page.locator('form[action="/profile/photo"] button').last());
      assert.equal(await face.count(), 0);
    });

    it('a text is not lost when the session is over', async () => {
      await carol.visit('/stream');
      const composer = carol.page.locator('form[action="/status_messages"]');
      await composer.locator('textarea').fill('An hour of work');
      const cookies = await carol.context.cookies();
      await carol.context.clearCookies();
      await carol.follow(composer.locator('button[type=submit]').last());
      await carol.fill({ 'user[username]': 'carol', 'user[password]': PASSWORD });
      await carol.submit('user[username]');
      assert.ok(cookies.length);
      const back = carol.page.locator('form[action="/status_messages"]');
      assert.equal(await back.locator('textarea').inputValue(), 'An hour of work');
      const picker = back.locator('details.picker');
      await picker.locator('summary').click();
      await back.locator('input[name=audience][value=public]').check();
      await carol.follow(back.locator('button[type=submit]').last());
      assert.match(await carol.page.locator('article.post').first().innerText(), /An hour of work/);
      const draft = carol.page.locator('form[action="/status_messages"] textarea');
      assert.equal(await draft.inputValue(), '', 'and the draft is gone once it is posted');
    });

    it('looking at a post marks what is said of it as read, by a button or by a script', async () => {
      await bob.visit(post);
      await alice.visit(post);
      await alice.fill({ text: 'One more word' });
      await alice.submit('text');
      await bob.visit('/notifications');
      const unread = await bob.page.locator('.notification.unread').count();
      assert.ok(unread, 'bob has something to read');
      await bob.visit(post);
      const button = bob.page.locator('pod-seen button');
      if (options.javaScriptEnabled === false) await bob.follow(button);
      else await bob.page.waitForFunction(() => !document.querySelector('pod-seen'));
      await bob.visit('/notifications');
      assert.ok(await bob.page.locator('.notification.unread').count() < unread);
    });

    it('comments and likes arrive', async () => {
      await bob.addContact(await alice.handle(), 'Friends');
      await alice.visit(post);
      await alice.fill({ text: 'What a **fine** post' });
      await alice.submit('text');
      await bob.visit(post);
      assert.equal(await bob.page.locator('.comment .prose strong').innerText(), 'fine');
      await alice.visit(post);
      const like = alice.page.locator('form[action$="/likes"] button').first();
      await like.click();
      await until('the like is there', async () => {
        await bob.visit(post);
        return /alice/.test(await bob.page.locator('main').innerText());
      });
      await bob.visit('/notifications');
      assert.match(await bob.text(), /alice/);
    });

    it('a conversation goes back and forth, and is silent while it is muted', async () => {
      await alice.converse('bob', 'Trip to the sea', 'When do we leave?');
      assert.match(await alice.text(), /When do we leave\?/);
      await bob.visit('/conversations');
      assert.match(await bob.page.locator('.talk-item.unread').innerText(), /Trip to the sea/);
      await bob.follow(bob.page.locator('.talk-item a').first());
      await bob.fill({ 'message[text]': 'On Friday' });
      await bob.submit('message[text]');
      await alice.page.reload();
      assert.match(await alice.text(), /On Friday/);

      const talk = new URL(bob.page.url()).search;
      await bob.page.locator('.thread-head details.menu summary').click();
      await bob.follow(bob.page.locator('.thread-head form', { has: bob.page.locator('[value=muted]') }).locator('button'));
      await alice.fill({ 'message[text]': 'Or on Saturday?' });
      await alice.submit('message[text]');
      await bob.visit(`/conversations${talk}`);
      assert.doesNotMatch(await bob.text(), /Saturday/);
      await bob.follow(bob.page.locator('.still form button'));
      assert.match(await bob.text(), /Or on Saturday\?/);
      assert.equal(await carol.visit(`/conversations${talk}`), 404, 'nobody else finds it');
      for (const path of ['/conversations', '/conversations/new', `/conversations${talk}`, '/privacy']) {
        await bob.visit(path);
        await bob.fitsTheScreen();
      }
    });

    it('a deleted post is gone', async () => {
      const doomed = await bob.post('Soon gone');
      await bob.visit(doomed);
      await bob.page.locator('article details.menu summary').first().click();
      await bob.follow(bob.page.locator('article details.menu form button').first());
      assert.ok([404, 410].includes(await visitor.visit(doomed)));
    });

    it('a wrong password is refused, and signing out really does', async () => {
      await carol.signOut();
      await carol.signIn('carol', 'not her password');
      assert.ok(!(await carol.isSignedIn()));
      assert.equal(await carol.page.locator('[name="user[username]"]').inputValue(), 'carol');
      await carol.signIn('carol');
      assert.ok(await carol.isSignedIn());
    });

    it('the second factor is asked for, and a code works once', async () => {
      await carol.visit('/user/security');
      await carol.follow(carol.page.locator('form[action="/two_factor_authentication"] button').first());
      await carol.visit('/user/security');
      const key = await carol.page.locator('#key').innerText();
      await carol.fill({ 'user[code]': codeFor(key) });
      await carol.submit('user[code]');
      const codes = await carol.page.locator('#codes code').allInnerTexts();
      assert.equal(codes.length, 10);
      await carol.signOut();
      await carol.signIn('carol');
      assert.ok(!(await carol.isSignedIn()), 'a password alone is not enough now');
      const code = codeFor(key, 1);
      await carol.fill({ 'user[otp_attempt]': code });
      await carol.submit('user[otp_attempt]');
      assert.ok(await carol.isSignedIn(), await carol.text());
      await carol.signOut();
      await carol.signIn('carol');
      await carol.fill({ 'user[otp_attempt]': code });
      await carol.submit('user[otp_attempt]');
      assert.ok(!(await carol.isSignedIn()), 'the same code a second time');
      await carol.fill({ 'user[otp_attempt]': codes[0] });
      await carol.submit('user[otp_attempt]');
      assert.ok(await carol.isSignedIn(), 'a recovery code');
    });

    it('the look follows the choice', async () => {
      await bob.visit('/user/edit');
      await bob.page.locator('[name="user[color_mode]"][value=dark]').check();
      await bob.submit('user[color_mode]');
      await bob.visit('/stream');
      assert.equal(await bob.page.locator('html').getAttribute('data-mode'), 'dark');
      await bob.visit('/user/edit');
      await bob.page.locator('[name="user[language]"]').selectOption('de');
      await bob.submit('user[language]');
      await bob.visit('/stream');
      assert.equal(await bob.page.locator('html').getAttribute('lang'), 'de');
    });

    it('every page fits the screen and the browser has nothing to complain about', async () => {
      const pages = ['/stream', '/contacts', '/notifications', '/user/edit', '/user/security', '/profile/edit', '/admin',
        '/admin/plugins', '/admin/settings', '/tags/seeds', '/public', '/u/bob', post];
      for (const path of pages) {
        assert.equal(await alice.visit(path), 200, path);
        await alice.fitsTheScreen();
      }
      for (const person of [alice, bob, carol, visitor]) assert.deepEqual(person.complaints, []);
    });
  });
}
