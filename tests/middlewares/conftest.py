from crawling import begin, crawl

__all__ = ["begin", "crawl"]
