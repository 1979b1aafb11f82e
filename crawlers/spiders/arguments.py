"""What may follow `-a` when a spider is started, with types, meanings and errors that name the right ones."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError


class ArgumentError(ValueError):
    """Say which spider argument is wrong, and which ones there are where it is none of them."""


def _is_web_address(url: str) -> str:
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
        raise ValueError("is no web address; give the whole of it, such as https://host/path")
    return url


def _is_file(path: Path) -> Path:
    if not path.is_file():
        raise ValueError(f"no file {path}; give the path of an existing file")
    return path


def _is_text(path: Path) -> Path:
    try:
        path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{path} is no text in UTF-8; save it as such") from None
    return path


WebAddress = Annotated[str, AfterValidator(_is_web_address)]
ExistingFile = Annotated[Path, AfterValidator(_is_file)]
TextFile = Annotated[ExistingFile, AfterValidator(_is_text)]


class SpiderArguments(BaseModel):
    """Hold the arguments that every crawling spider takes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    query: str = Field("", description="words to search the source for, in place of its usual listing")
    url: WebAddress | None = Field(None, description="the URL of one case; needs no permission")
    urls: TextFile | None = Field(None, description="a file with the URL of one case on each line")
    limit: int | None = Field(None, gt=0, description="read at most so many cases")
    since: date | None = Field(None, description="leave out what was published before that day (YYYY-MM-DD)")
    dry: bool = Field(False, description="1: print what would be stored, and store nothing")

    def single(self) -> list[str]:
        """Return the URLs of the single cases asked for; raise `ArgumentError` on a line that is no web address."""
        lines = lines_in(self.urls) if self.urls else []
        for line in lines:
            try:
                _is_web_address(line)
            except ValueError as error:
                raise ArgumentError(f"{self.urls}: {line!r} {error}") from error
        return [self.url, *lines] if self.url else lines


_UNKNOWN = "extra_forbidden"  # as pydantic calls a name that the model does not have
Arguments = TypeVar("Arguments", bound=BaseModel)


def arguments_of(model: type[Arguments], given: dict[str, Any]) -> Arguments:
    """Return the arguments given on the command line, checked; raise `ArgumentError` naming every wrong one."""
    try:
        # Scrapyd adds `_job`; a name with a leading underscore is never one of ours.
        return model.model_validate({name: value for name, value in given.items() if not name.startswith("_")})
    except ValidationError as error:
        wrong = "; ".join(_said_of(dict(item)) for item in error.errors())
        unknown = any(item["type"] == _UNKNOWN for item in error.errors())
        raise ArgumentError(f"{wrong}.\nArguments are:\n{described(model)}" if unknown else wrong) from error


def described(model: type[BaseModel]) -> str:
    """Return one line for each argument: its name and what it means."""
    return "\n".join(f"  -a {name}=…  {field.description}" for name, field in model.model_fields.items())


def lines_in(path: Path) -> list[str]:
    """Return the lines of a list file that hold something; a line that begins with # is a comment."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _said_of(error: dict[str, Any]) -> str:
    said: str = error["msg"].removeprefix("Value error, ")
    if not error["loc"]:
        return said
    name = error["loc"][0]
    if error["type"] == _UNKNOWN:
        return f"there is no argument {name!r}"
    if error["type"] == "missing":
        return f"the argument {name!r} is missing"
    return f"{name}={error['input']!r}: {said}"
