"""The addresses of logging in and of one's own account."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from accounts import views

urlpatterns = [
    path("login/", views.Login.as_view(), name="login"),
    path("login/code/", views.login_code, name="login-code"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("account/", views.account, name="account"),
    path("account/second-step/", views.set_up_second_step, name="second-step"),
    path("account/second-step/remove/", views.remove_second_step, name="remove-second-step"),
    path("account/sign-out-elsewhere/", views.sign_out_elsewhere, name="sign-out-elsewhere"),
]
