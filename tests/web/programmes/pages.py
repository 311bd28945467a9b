"""The pages of a programme, to be read and sent to."""

from django.test import Client

from borging.programmes.models import Programme


def page(client: Client, programme: Programme, end: str = "") -> str:
    answer = client.get(f"/programmes/{programme.pk}/{end}")
    assert answer.status_code == 200
    return answer.content.decode()


def post(client: Client, programme: Programme, end: str, **data: object) -> str:
    answer = client.post(f"/programmes/{programme.pk}/{end}", data, follow=True)
    assert answer.status_code == 200
    programme.refresh_from_db()
    return answer.content.decode()
