"""Addresses of the office."""

from django.urls import path

from sehat.office import ama, command, reports, said, views

app_name = "office"
urlpatterns = [
    path("office/board/", views.board, name="board"),
    path("office/roster/", command.roster, name="roster"),
    path("office/hours/", command.hours, name="hours"),
    path("office/hours/<slug:code>/", command.hours_of, name="hours_of"),
    path("office/holidays/<int:pk>/remove/", command.remove_holiday, name="remove_holiday"),
    path("office/reports/", reports.reports, name="reports"),
    path("office/reports.csv", reports.reports_csv, name="reports_csv"),
    path("office/feedback/", said.said, name="said"),
    path("office/ama/", ama.desk, name="ama"),
    path("office/ama/patients/<int:pk>/", ama.verify, name="verify"),
    path("office/ama/corrections/<int:pk>/", ama.correct, name="correct"),
    path("office/register/import/", ama.register_import, name="register_import"),
]
