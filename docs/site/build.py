#!/usr/bin/env python3
"""Builds the site of the documentation with Doxygen, and checks it.

Public headers and pages are copied to a folder as Doxygen wants them: comments behind members
become documentation of these, section banners become groups, and links between pages become
references. What Doxygen then warns of in the headers that are Swoop's own is an error, and so is a
link in the site that leads nowhere.

usage: build.py OUTPUT-FOLDER
Tested by tests/tools/site_test.py.
"""
import html.parser
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / 'docs/site'
sys.path.insert(0, str(ROOT / 'tools'))
from check_links import EXTERNAL, FENCED_CODE, LINK  # noqa: E402

# Pages by their path, with the names they have in the site.
PAGES = {
    'docs/EMBEDDING.md': 'mainpage',
    **{f'docs/embedding/{name}.md': name for name in
       ('cpp', 'c', 'wasm-h', 'threads', 'errors', 'limits', 'wasi', 'snapshots', 'streaming',
        'security')},
    'docs/LIMITS.md': 'implementation-limits',
    'SECURITY.md': 'security-policy',
    'CHANGELOG.md': 'changelog',
}
HEADERS = sorted((ROOT / 'api/include').rglob('*.h*'))
EXAMPLES = ROOT / 'examples/embed'
# Its functions come in families, which are documented as such.
LENIENT = ('wasm.h',)

GROUPS = {
    'swoop.h': ('swoop_h', 'swoop.h: the C interface'),
    'wasi.h': ('wasi_h', 'wasi.h: WASI in C'),
    'wasm.h': ('wasm_h', 'wasm.h: the standard C API'),
}

# What needs no comment in a header, since it is the same everywhere.
STANDARD = [
    (r'^( *)(explicit \w+\(swoop_\w+_t\*? raw\) noexcept)', 'Of what the C interface has.'),
    (r'^( *)(swoop_\w+_t\*? raw\(\) const noexcept)',
     'Its handle in the C interface, which stays this object\'s.'),
]
SPEC = re.compile(r'\b((?:exec|valid|syntax|binary|text)/\w+)#([\w-]+)')
DETAIL = re.compile(r'^namespace detail \{\n.*?^\}  // namespace detail\n', re.M | re.S)
DEFAULTED_MOVE = re.compile(r'^ *.*&&\) noexcept = default;$', re.M)

BANNER = re.compile(r'^/\* -{20,}\n \* (.*)\n((?: \*.*\n)*?) \*/$|^/\* --- (.*?) --- \*/$', re.M)
TRAILING = re.compile(r'^(?!\s*(?:#(?!define SWOOP_VERSION)|//|/\*|\*))(.*[;,{\w)\"]) +(/\* (?!clang)(.*) \*/|// (.*))$', re.M)


def slug(text: str) -> str:
    return re.sub(r'[^\w\- ]', '', text.lower()).replace(' ', '-')


def header_for_doxygen(name: str, text: str) -> str:
    """The header with its comments as Doxygen reads them, on the same lines."""
    if name.endswith('.hh'):
        text = re.sub(r'\A(?:// ?.*\n)+', lambda c: re.sub('^//', '///', c.group(0), flags=re.M),
                      text)
        text = text.replace('#pragma once', '/// @file', 1)
        text = DETAIL.sub(lambda code: '\n' * code.group(0).count('\n'), text)
        text = DEFAULTED_MOVE.sub('', text)
        text = re.sub(r'^#define SWOOP_NAMESPACE .*$', '', text, flags=re.M)
        for pattern, comment in STANDARD:
            text = re.sub('(^ *///.*\n)?' + pattern, lambda found: found.group(0)
                          if found.group(1) else f'{found.group(2)}/** {comment} */ {found.group(3)}',
                          text, flags=re.M)
        # One name for users, whatever the program is compiled with.
        text = text.replace('inline namespace SWOOP_NAMESPACE {', '')
        text = text.replace('}  // namespace SWOOP_NAMESPACE', '')
    else:
        group, title = GROUPS[name]
        is_open = False

        def banner(found: re.Match) -> str:
            nonlocal is_open
            close, is_open = '/** @} */' if is_open else '', True
            line = found.group(1) or found.group(3)
            heading, colon, rest = line.partition(':')
            heading = heading.rstrip('.')
            lead = f'/** @defgroup {group}_{slug(heading)} {heading}\n * @ingroup {group}\n'
            if found.group(3):
                return f'{close}{lead} * @{{ */'
            return f'{close}{lead} *{rest if colon else ""}\n{found.group(2)} * @{{ */'

        text = re.sub(r'\A/\*', lambda _: f'/** @file\n', text)
        text = BANNER.sub(banner, text)
        if is_open:
            end = text.rindex('#ifdef __cplusplus')
            text = f'{text[:end]}/** @}} */\n{text[end:]}'
        if name in LENIENT:
            text = re.sub(r'^/\* (?!clang|---)', '/** ', text, flags=re.M)
        about = re.search(r'\A/\*\* @file\n?(.*?)\*/', text, re.S)
        text += f'\n/** @defgroup {group} {title}\n{about.group(1) if about else ""}*/\n'

    def trailing(found: re.Match) -> str:
        code, comment = found.group(1), found.group(3) or found.group(4)
        if code.lstrip().startswith(('}', 'extern', 'namespace')):
            return found.group(0)
        return f'{code} /**< {comment} */'

    text = SPEC.sub(r'[\1: \2](https://webassembly.github.io/spec/core/\1.html#\2)', text)
    return TRAILING.sub(trailing, text)


def page_for_doxygen(path: str, text: str) -> str:
    """The page with labels at its headings, and references in place of links."""
    page = PAGES[path]

    def link(found: re.Match) -> str:
        target = found.group(1)
        if target is None or EXTERNAL.match(target):
            return found.group(0)
        name, _, anchor = target.partition('#')
        file = (ROOT / path).parent / unquote(name) if name else ROOT / path
        relative = str(file.resolve().relative_to(ROOT))
        if relative in PAGES:
            other = 'index' if PAGES[relative] == 'mainpage' else PAGES[relative]
            return f'](@ref {PAGES[relative]}-{anchor})' if anchor else f'](@ref {other})'
        if file.resolve() in HEADERS:
            return f'](@ref {file.name})'
        if file.is_file() and file.resolve().parent == EXAMPLES:
            return f'](@ref example-{slug(file.name)})'
        return '](@ref elsewhere)'

    def heading(found: re.Match) -> str:
        marks, title = found.groups()
        if marks == '#':
            label = '' if page == 'mainpage' else f' {{#{page}}}'
            return f'# {title}{label}'
        title_slug = slug(re.sub(r'\[([^\]]*)\]\([^)]*\)', r'\1', title))
        count = seen.get(title_slug, 0)
        seen[title_slug] = count + 1
        return f'{marks} {title} {{#{page}-{title_slug}{f"-{count}" if count else ""}}}'

    seen: dict[str, int] = {}
    done, position = [], 0
    for code in [*FENCED_CODE.finditer(text), None]:
        prose = text[position:code.start() if code else len(text)]
        # Doxygen takes a quote for the end of code, and names of links as they are.
        prose = re.sub(r'`[^`\n]+`', lambda span: f'`{span.group(0)}`' if "'" in span.group(0)
                       else span.group(0), prose)
        prose = re.sub(r'\[`([^`\]]*)`\](?=\()', r'[\1]', prose)
        prose = LINK.sub(link, prose)
        prose = re.sub(r'^(#{1,6}) (.*)$', heading, prose, flags=re.M)
        # A link to what is not in the site is its text.
        prose = re.sub(r'\[([^\]]*)\]\(@ref elsewhere\)', r'\1', prose)
        done.append(prose)
        if code:
            done.append(code.group(0))
            position = code.end()
    return ''.join(done)


# Doxygen links to places that it then leaves out: sections without content, members of unions.
DEAD = re.compile(r'<a [^>]*href="([^"#]*)#([^"]+)"[^>]*>(.*?)</a>')


def mend_links(site: Path) -> None:
    texts = {path: path.read_text() for path in site.glob('*.html')}
    ids = {path.name: Document(text).ids for path, text in texts.items()}
    for path, text in texts.items():
        def keep(found: re.Match) -> str:
            name, place, content = found.groups()
            if ids.get(name or path.name) is None or place in ids[name or path.name]:
                return found.group(0)
            return '' if content == 'More...' else content
        mended = DEAD.sub(keep, text)
        if mended != text:
            path.write_text(mended)


def prepare(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for header in HEADERS:
        path = folder / header.relative_to(ROOT / 'api')
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(header_for_doxygen(header.name, header.read_text()))
    for path, name in PAGES.items():
        to = folder / ('EMBEDDING.md' if name == 'mainpage' else f'{name}.md')
        to.write_text(page_for_doxygen(path, (ROOT / path).read_text()))
    (folder / 'examples').mkdir()
    for example in sorted(EXAMPLES.iterdir()):
        shutil.copy(example, folder / 'examples')
        (folder / f'example-{slug(example.name)}.dox').write_text(
            f'/** @page example-{slug(example.name)} {example.name}\n@include {example.name}\n*/\n')
    (folder / 'swoop.dox').write_text('/** @namespace swoop\n The C++ interface. */\n'
                                      '/** @namespace swoop::wasi\n WASI in C++. */\n')


class Document(html.parser.HTMLParser):
    def __init__(self, text: str):
        super().__init__()
        self.links, self.ids = set(), set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ('href', 'src') and value:
                self.links.add(value)
            elif name == 'id' or (name == 'name' and tag == 'a'):
                self.ids.add(value)


def broken_links(site: Path) -> list[str]:
    documents = {path: Document(path.read_text()) for path in site.rglob('*.html')}
    findings = []
    for path, document in documents.items():
        for link in sorted(document.links):
            parts = urlsplit(link)
            if parts.scheme == 'javascript':
                continue
            where = f'{path.relative_to(site)}: {link}'
            if parts.scheme or parts.netloc:
                if link.startswith('//') or link in resources(path):
                    findings.append(f'{where} is loaded from elsewhere')
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.exists():
                findings.append(f'{where} does not exist')
            elif parts.fragment and target in documents and \
                    unquote(parts.fragment) not in documents[target].ids:
                findings.append(f'{where} has no such place')
    return findings


def resources(path: Path) -> set[str]:
    """What a browser loads by itself."""
    return set(re.findall(r'<(?:script|img|link)[^>]*(?:src|href)="([^"]+)"', path.read_text()))


def main() -> int:
    output = Path(sys.argv[1]).resolve()
    output.mkdir(parents=True, exist_ok=True)
    source, warnings = output / 'input', output / 'warnings.txt'
    prepare(source)
    doxyfile = (SITE / 'Doxyfile').read_text()
    for name, value in (('INPUT', source), ('OUTPUT', output), ('SITE', SITE),
                        ('WARNINGS', warnings)):
        doxyfile = doxyfile.replace(f'@{name}@', f'{value}')
    shutil.rmtree(output / 'html', ignore_errors=True)
    subprocess.run(['doxygen', '-'], input=doxyfile, text=True, check=True,
                   stdout=subprocess.DEVNULL)
    findings = [line.replace(f'{source}/', '') for line in warnings.read_text().splitlines()]
    findings = [line for line in findings
                if not any(f'{name}:' in line and 'is not documented' in line for name in LENIENT)]
    mend_links(output / 'html')
    findings += broken_links(output / 'html')
    print('\n'.join(findings), file=sys.stderr)
    return 1 if findings else 0


if __name__ == '__main__':
    sys.exit(main())
