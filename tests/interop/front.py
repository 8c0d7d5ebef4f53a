"""A TLS front for pods that share one machine: an authority of our own, a certificate per name, bytes passed on.

The authority is limited to names under .test and lives as long as one run. Nothing outside of the run trusts it.
"""
import asyncio
import datetime
import pathlib
import ssl
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


def _name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption())


class Authority:
    """Signs certificates for host names; `file` is what clients must trust."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = _name("Pappus interop authority")
        usage = x509.KeyUsage(digital_signature=False, content_commitment=False, key_encipherment=False,
                              data_encipherment=False, key_agreement=False, key_cert_sign=True, crl_sign=True,
                              encipher_only=False, decipher_only=False)
        limits = x509.NameConstraints(permitted_subtrees=[x509.DNSName("test")], excluded_subtrees=None)
        self.certificate = (self._builder(self.name, self.key)
                            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
                            .add_extension(usage, critical=True)
                            .add_extension(limits, critical=True)
                            .sign(self.key, hashes.SHA256()))
        self.file = self.folder / "authority.pem"
        self.file.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def _builder(self, subject, key):
        now = datetime.datetime.now(datetime.timezone.utc)
        return (x509.CertificateBuilder().subject_name(subject).issuer_name(self.name)
                .public_key(key.public_key()).serial_number(x509.random_serial_number())
                .not_valid_before(now - datetime.timedelta(hours=1))
                .not_valid_after(now + datetime.timedelta(days=2)))

    def context(self, host):
        """What a server for this host name needs."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (self._builder(_name(host), key)
                       .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
                       .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
                       .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
                       .sign(self.key, hashes.SHA256()))
        file = self.folder / f"{host}.pem"
        file.write_bytes(_pem(key) + certificate.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


class Front:
    """Listens on 443 and passes each name's plain HTTP to a port of 127.0.0.1."""

    def __init__(self, authority, ports):
        self.ports = ports
        self.contexts = {host: authority.context(host) for host in ports}
        self.ready = threading.Event()
        self.failure = None

    def start(self):
        threading.Thread(target=self._run, daemon=True).start()
        if not self.ready.wait(10) or self.failure:
            raise RuntimeError(f"the TLS front did not start: {self.failure}")

    def _run(self):
        try:
            asyncio.run(self._serve())
        except OSError as error:
            self.failure = error
            self.ready.set()

    async def _serve(self):
        first = next(iter(self.contexts.values()))

        def choose(connection, host, _context):
            if host not in self.contexts:
                return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
            connection.context = self.contexts[host]
            return None

        first.sni_callback = choose
        server = await asyncio.start_server(self._accept, "127.0.0.1", 443, ssl=first)
        self.ready.set()
        async with server:
            await server.serve_forever()

    async def _accept(self, reader, writer):
        connection = writer.get_extra_info("ssl_object")
        host = next((host for host, context in self.contexts.items() if context is connection.context), None)
        try:
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self.ports[host])
        except OSError:
            # the pod is down: what a proxy would say
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            writer.close()
            return
        await asyncio.gather(_pass_on(reader, inner_writer), _pass_on(inner_reader, writer))


async def _pass_on(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except (OSError, ssl.SSLError):
        pass
    finally:
        writer.close()
