"""A source is one file of facts, one spider and one folder of fixtures, all of one name, and stands in the README."""

from pathlib import Path

import pytest
from running import ROOT
from scrapy.spiderloader import SpiderLoader
from scrapy.utils.project import get_project_settings

from crawlers.source import Source, sources
from crawlers.spiders.case_spider import CaseSpider


@pytest.mark.parametrize("source", sources(), ids=lambda source: source.name)
def test_a_source_is_whole(source: Source) -> None:
    spider = SpiderLoader.from_settings(get_project_settings()).load(source.name)
    assert issubclass(spider, CaseSpider)
    assert Path(spider.__module__.replace(".", "/")).name == source.name
    assert spider.__name__.lower() == source.name
    fixtures = ROOT / "tests" / "fixtures" / source.name
    assert list(fixtures.glob("*/expected.json")), f"{fixtures} holds no case to compare with"
    assert f"| `{source.name}` |" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert source.permission.why, f"{source.name}.toml does not say why it may, or may not, be crawled"


def test_no_spider_is_without_facts() -> None:
    names = {source.name for source in sources()}
    loaded = SpiderLoader.from_settings(get_project_settings())
    crawling = {name for name in loaded.list() if issubclass(loaded.load(name), CaseSpider)}
    assert crawling == names
