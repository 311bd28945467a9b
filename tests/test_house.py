from django.conf import settings


def test_dutch_and_english_are_the_languages_of_the_house() -> None:
    assert [code for code, _name in settings.LANGUAGES] == ["nl", "en"]
